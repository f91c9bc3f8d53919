import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { swapFolder } from '../../../../scripts/build/swap-folder.ts';

let parent: string;
const target = (): string => join(parent, 'target');

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'pilotlight-swap-'));
});

afterEach(() => rm(parent, { recursive: true }));

async function work(name: string): Promise<string> {
  const dir = join(parent, name);
  await mkdir(dir);
  await Promise.all(['one', 'two'].map((file) => writeFile(join(dir, file), name)));
  return dir;
}

async function content(): Promise<string[]> {
  return Promise.all(['one', 'two'].map((file) => readFile(join(target(), file), 'utf8')));
}

describe('swapFolder()', () => {
  it('puts the folder where there was none', async () => {
    await swapFolder(await work('new'), target());

    expect(await content()).toEqual(['new', 'new']);
  });

  it('replaces a folder, and leaves nothing else behind', async () => {
    await work('target');

    await swapFolder(await work('new'), target());

    expect(await content()).toEqual(['new', 'new']);
    expect(await readdir(parent)).toEqual(['target']);
  });

  it('keeps one whole folder when several arrive at once', async () => {
    const works = await Promise.all(['a', 'b', 'c', 'd'].map(work));

    await Promise.all(works.map((dir) => swapFolder(dir, target())));

    const [one, two] = await content();
    expect(one).toBe(two);
    expect(await readdir(parent)).toEqual(['target']);
  });

  it('throws when there is nothing to put', async () => {
    await expect(swapFolder(join(parent, 'missing'), target())).rejects.toThrow('ENOENT');
  });
});
