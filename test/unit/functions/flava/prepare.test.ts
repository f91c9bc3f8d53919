import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { prepare } from '../../../../functions/flava/prepare.ts';
import type { ModelManifest } from '../../../../models/loader/package-schema.ts';

const read = (name: string): Buffer =>
  readFileSync(new URL(`../../../fixtures/flava-tiny/${name}`, import.meta.url));

const manifest = JSON.parse(read('model.json').toString()) as ModelManifest;
const assets = new Map([['tokenizer.json', read('tokenizer.json')]]);
const labels = ['mismatch', 'match'];
const without = (place: number): ModelManifest => ({
  ...manifest,
  inputs: manifest.inputs.toSpliced(place, 1),
});

it('reads the tokenizer and the constants of a package once', async () => {
  const prepared = prepare({ manifest, assets, labels });

  expect(prepared.images.shape).toEqual([3, 32, 32]);
  expect((await prepared.texts.stack(['x '.repeat(99), 'x'])).ids.shape).toEqual([2, 24]);
  expect(prepare({ manifest, assets: new Map(), labels: [] })).toBe(prepared);
});

it.each<[string, ModelManifest, Map<string, Buffer>, readonly string[], string]>([
  ['no constants', { ...manifest, preprocessing: {} }, assets, labels, 'image'],
  ['no tokenizer', { ...manifest }, new Map(), labels, 'has no tokenizer tokenizer.json'],
  ['no input for pictures', without(0), assets, labels, '32, 32'],
  ['no input for texts', without(1), assets, labels, 'input_ids'],
  ['no input for the mask', without(2), assets, labels, 'attention_mask'],
  ['another number of labels', { ...manifest }, assets, ['match'], 'has 2 classes'],
])('refuses a package with %s', (_, broken, files, names, message) => {
  expect(() => prepare({ manifest: broken, assets: files, labels: names })).toThrow(message);
});
