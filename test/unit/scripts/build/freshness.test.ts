import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { hashInputs, INPUTS_FILE, isFresh } from '../../../../scripts/build/freshness.ts';

let root: string;
const at = (name: string): string => join(root, name);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pilotlight-fresh-'));
  await writeFile(at('a.ts'), 'one');
  await writeFile(at('b.ts'), 'two');
  await writeFile(at('build.json'), JSON.stringify({ node: 'v24.0.0' }));
  const inputs = await hashInputs(root, [at('a.ts'), at('b.ts')]);
  await writeFile(at(INPUTS_FILE), JSON.stringify(inputs));
});

afterEach(() => rm(root, { recursive: true }));

describe('isFresh()', () => {
  it('is true while nothing has changed', async () => {
    expect(await isFresh(root, root, 'v24.0.0')).toBe(true);
  });

  it.each<readonly [string, () => Promise<void>]>([
    ['an input changed', () => writeFile(at('b.ts'), 'other')],
    ['an input is gone', () => rm(at('b.ts'))],
    ['there is no list of inputs', () => rm(at(INPUTS_FILE))],
    ['the build is half written', () => writeFile(at('build.json'), '{"node":')],
  ])('is false when %s', async (_what, change) => {
    await change();

    expect(await isFresh(root, root, 'v24.0.0')).toBe(false);
  });

  it('is false for another Node, whose V8 would refuse the code cache', async () => {
    expect(await isFresh(root, root, 'v24.0.1')).toBe(false);
  });
});
