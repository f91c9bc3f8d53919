import { describe, expect, it } from 'vitest';

import { image } from '../../../../functions/image/index.ts';
import { imagePredictions } from '../../../../functions/image/postprocess.ts';
import { prepare } from '../../../../functions/image/prepare.ts';
import { imageTensor } from '../../../../functions/image/preprocess.ts';
import { imageInstance } from '../../../../functions/image/request.ts';
import type { Tensor } from '../../../../functions/runtime/tensor.ts';
import { modelManifest } from '../../../../models/loader/package-schema.ts';
import type { ModelManifest } from '../../../../models/loader/package-schema.ts';
import { readFixture } from '../../../support/image-fixtures.ts';

const labels = ['red', 'green', 'blue'];

const preprocessing = {
  resize: { shorter_side: 12, interpolation: 'bilinear' },
  center_crop: { width: 8, height: 8 },
  scale: 1 / 255,
  mean: [0, 0, 0],
  standard_deviation: [1, 1, 1],
};

function manifest(changes: Partial<Record<keyof ModelManifest, unknown>> = {}): ModelManifest {
  const file = { sha256: '0'.repeat(64), size_bytes: 1 };
  return modelManifest.parse({
    schema_version: 1,
    name: 'image',
    version: 1,
    task: 'image-classification',
    description: 'For tests',
    licence: 'CC0-1.0',
    files: [
      { name: 'model.onnx', role: 'model', ...file },
      { name: 'golden.json', role: 'golden', ...file },
    ],
    inputs: [{ name: 'pixels', datatype: 'FP32', shape: ['batch', 3, 8, 8] }],
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: ['batch', 3] }],
    batch: { axis: 0, max_rows: 2 },
    execution: 'inline',
    preprocessing,
    ...changes,
  });
}

describe('prepare()', () => {
  it('takes a package whose constants fit its input', () => {
    expect(prepare({ manifest: manifest(), labels })).toMatchObject({
      inputName: 'pixels',
      images: { shape: [3, 8, 8] },
    });
  });

  it.each([
    ['no preprocessing', { preprocessing: {} }, /resize/],
    [
      'another size than the input has',
      { inputs: [{ name: 'pixels', datatype: 'FP32', shape: ['batch', 3, 9, 8] }] },
      /pictures become FP32 \[batch, 3, 8, 8\], which is not the one input/,
    ],
    [
      'an input of another datatype',
      { inputs: [{ name: 'pixels', datatype: 'UINT8', shape: ['batch', 3, 8, 8] }] },
      /which is not the one input/,
    ],
    [
      'another number of labels than classes',
      { outputs: [{ name: 'probabilities', datatype: 'FP32', shape: ['batch', 4] }] },
      /"probabilities" has 4 classes, the labels file names 3/,
    ],
    [
      'no output of that name',
      { outputs: [{ name: 'scores', datatype: 'FP32', shape: ['batch', 3] }] },
      /"probabilities" has no classes/,
    ],
  ])('refuses a package with %s', (_what, changes, message) => {
    expect(() => prepare({ manifest: manifest(changes), labels })).toThrow(message);
  });
});

describe('imageTensor()', () => {
  it('puts each picture into its row', async () => {
    const [dark, bright] = [await readFixture('rgb.png'), await readFixture('noise.png')];
    const model = { manifest: manifest(), labels };
    const tensorOf = async (...pictures: readonly Buffer[]): Promise<Tensor | undefined> => {
      const instances = pictures.map((bytes) => ({ image: bytes }));
      return (await imageTensor(instances, model, {}))['pixels'];
    };

    const both = await tensorOf(dark, bright);

    for (const [row, bytes] of [dark, bright].entries()) {
      const start = row * 3 * 8 * 8;
      const part = both?.data.slice(start, start + 3 * 8 * 8);
      expect(part).toEqual((await tensorOf(bytes))?.data);
    }
    expect(both?.shape).toEqual([2, 3, 8, 8]);
  });

  it('refuses more pictures than a run takes, before it reads one', async () => {
    const unreadable = { image: Buffer.from('no image') };
    const many = [unreadable, unreadable, unreadable];

    await expect(imageTensor(many, { manifest: manifest(), labels }, {})).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      details: [{ path: 'instances', message: 'Must be at most 2 pictures in one request' }],
    });
  });

  it('refuses a top_k above the number of classes', async () => {
    const instances = [{ image: await readFixture('rgb.png') }];
    const model = { manifest: manifest(), labels };

    await expect(imageTensor(instances, model, { top_k: 4 })).rejects.toMatchObject({
      details: [{ path: 'top_k', message: 'Must be from 1 to 3, the number of classes' }],
    });
    await expect(imageTensor(instances, model, { top_k: 3 })).resolves.toBeDefined();
  });
});

describe('imagePredictions()', () => {
  const outputs = {
    probabilities: {
      datatype: 'FP32' as const,
      shape: [2, 3],
      data: Float32Array.of(0.25, 0.5, 0.25, 0, 0, 1.0000001),
    },
  };

  it('names the best first, of equals the lower index', () => {
    const [first] = imagePredictions(outputs, { labels }, {});

    expect(first?.predictions).toEqual([
      { label: 'green', index: 1, score: 0.5 },
      { label: 'red', index: 0, score: 0.25 },
      { label: 'blue', index: 2, score: 0.25 },
    ]);
  });

  it('gives no more than asked, and no score above 1', () => {
    const [, second] = imagePredictions(outputs, { labels }, { top_k: 1 });

    expect(second?.predictions).toEqual([{ label: 'blue', index: 2, score: 1 }]);
    expect(() => image.response.parse(second)).not.toThrow();
  });
});

describe('imageInstance', () => {
  it.each([
    ['no picture', {}],
    ['text that is not base64', { image: 'no image!' }],
    ['a number', { image: 7 }],
    ['another key', { image: 'AAAA', top_k: 3 }],
  ])('refuses %s', (_what, value) => {
    expect(imageInstance.safeParse(value).success).toBe(false);
  });
});
