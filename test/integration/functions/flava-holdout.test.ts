import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';

type Label = 'match' | 'mismatch';

interface HeldOut {
  readonly pairs: readonly {
    readonly file: string;
    readonly text: string;
    readonly label: Label;
  }[];
}

const FOLDER =
  process.env['FLAVA_HOLDOUT'] ?? join(import.meta.dirname, '../../fixtures/flava-holdout');
const BAR = 0.9;

describe('the flava of this clone', () => {
  let server: RunningFunction;

  beforeAll(async () => {
    server = await startFunction({
      env: { FUNCTION_TARGET: 'flava', MODEL_URI: 'file:models/flava' },
    });
  });

  afterAll(() => server.stop());

  async function labelOf(picture: string, text: string): Promise<Label> {
    const form = new FormData();
    form.append('image', new Blob([await readFile(picture)]), 'picture');
    form.append('text', text);
    const answer = await fetch(`${server.url}/infer`, { method: 'POST', body: form });
    return ((await answer.json()) as { output: { label: Label } }).output.label;
  }

  it('tells true statements about new pictures from false ones', async () => {
    const { pairs } = JSON.parse(await readFile(join(FOLDER, 'holdout.json'), 'utf8')) as HeldOut;

    let right = 0;
    for (const { file, text, label } of pairs) {
      if ((await labelOf(join(FOLDER, file), text)) === label) right += 1;
    }

    expect(pairs.filter(({ label }) => label === 'match')).toHaveLength(pairs.length / 2);
    expect(right / pairs.length).toBeGreaterThanOrEqual(BAR);
  });

  it.each<[string, Label]>([
    ['the red circle is left of the blue square', 'match'],
    ['the red circle is right of the blue square', 'mismatch'],
    ['there is a blue square', 'match'],
    ['there is a red square', 'mismatch'],
  ])('says of its sample: %s, %s', async (text, label) => {
    expect(await labelOf('functions/flava/sample.jpg', text)).toBe(label);
  });
});
