import { describe, expect, it } from 'vitest';

import { modelManifest } from '../../../../models/loader/package-schema.ts';

const file = (name: string, role: string) => ({
  name,
  role,
  sha256: 'a'.repeat(64),
  size_bytes: 1,
});

const valid = {
  schema_version: 1,
  name: 'iris',
  version: 1,
  task: 'classification',
  description: 'Species of an iris',
  licence: 'CC0-1.0',
  files: [file('model.onnx', 'model'), file('golden.json', 'golden')],
  inputs: [{ name: 'x', datatype: 'FP32', shape: ['batch', 4] }],
  outputs: [{ name: 'y', datatype: 'INT64', shape: ['batch'] }],
  execution: 'inline',
};

describe('modelManifest', () => {
  it('accepts the smallest manifest and fills in the defaults', () => {
    expect(modelManifest.parse(valid)).toMatchObject({
      session: {},
      preprocessing: {},
      provenance: {},
    });
  });

  it.each([
    ['an unknown key', { ...valid, weights: 'here' }, /weights/],
    ['an unknown session option', { ...valid, session: { use_gpu: true } }, /use_gpu/],
    ['a name that is no host name', { ...valid, name: 'Iris' }, /name/],
    ['version 0', { ...valid, version: 0 }, /version/],
    ['a version as text', { ...valid, version: '1' }, /version/],
    [
      'a file outside the package',
      { ...valid, files: [...valid.files, file('../secret', 'other')] },
      /plain file name/,
    ],
    ['no model', { ...valid, files: [file('golden.json', 'golden')] }, /exactly one file/],
    [
      'two models',
      { ...valid, files: [...valid.files, file('other.onnx', 'model')] },
      /exactly one file/,
    ],
    [
      'a model under another name, which could not be requested in advance',
      { ...valid, files: [file('weights.onnx', 'model'), file('golden.json', 'golden')] },
      /model\.onnx/,
    ],
    [
      'another file under the name of the model',
      {
        ...valid,
        files: [file('a.onnx', 'model'), file('model.onnx', 'other'), file('g.json', 'golden')],
      },
      /model\.onnx/,
    ],
    ['no golden example', { ...valid, files: [file('model.onnx', 'model')] }, /golden/],
    [
      'itself in the list',
      { ...valid, files: [...valid.files, file('model.json', 'other')] },
      /must not list model\.json/,
    ],
    [
      'a file twice',
      { ...valid, files: [...valid.files, file('a', 'other'), file('a', 'card')] },
      /twice/,
    ],
    ['labels that are not in the package', { ...valid, labels: 'labels.json' }, /labels/],
    [
      'batching over an output that has no batch axis',
      {
        ...valid,
        batch: { axis: 0, max_rows: 8 },
        outputs: [{ name: 'y', datatype: 'FP32', shape: [3] }],
      },
      /first axis/,
    ],
    ['an execution that does not exist', { ...valid, execution: 'gpu' }, /execution/],
  ])('refuses %s', (_what, manifest, message) => {
    const { error } = modelManifest.safeParse(manifest);

    expect(JSON.stringify(error?.issues)).toMatch(message);
  });
});
