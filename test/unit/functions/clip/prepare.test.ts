import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { prepare } from '../../../../functions/clip/prepare.ts';
import type { ModelManifest } from '../../../../models/loader/package-schema.ts';

const read = (name: string): Buffer =>
  readFileSync(new URL(`../../../fixtures/clip-tiny/${name}`, import.meta.url));

const manifest = JSON.parse(read('model.json').toString()) as ModelManifest;
const assets = new Map([['tokenizer.json', read('tokenizer.json')]]);

/** The manifest with some of its preprocessing replaced. */
function preprocessing(change: Readonly<Record<string, unknown>>): ModelManifest {
  return { ...manifest, preprocessing: { ...manifest.preprocessing, ...change } } as ModelManifest;
}

it('reads the tokenizer and the constants of a package once', async () => {
  const prepared = prepare({ manifest, assets });

  expect(prepared.images.shape).toEqual([3, 32, 32]);
  expect((await prepared.texts.stack(['a photo', 'a'])).ids.shape).toEqual([2, 4]);
  expect(prepare({ manifest, assets: new Map() })).toBe(prepared);
});

it.each<[string, ModelManifest, Map<string, Buffer>, string]>([
  ['no constants', { ...manifest, preprocessing: {} }, assets, 'image'],
  ['no scale', preprocessing({ logit_scale: 0 }), assets, 'logit_scale'],
  ['no tokenizer', { ...manifest }, new Map(), 'the package has no tokenizer tokenizer.json'],
  ['no input for pictures', { ...manifest, inputs: manifest.inputs.slice(1) }, assets, '32, 32'],
  ['no input for texts', { ...manifest, inputs: manifest.inputs.slice(0, 1) }, assets, 'input_ids'],
])('refuses a package with %s', (_, broken, files, message) => {
  expect(() => prepare({ manifest: broken, assets: files })).toThrow(message);
});
