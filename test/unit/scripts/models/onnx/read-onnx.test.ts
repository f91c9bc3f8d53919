import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { OnnxFileError, readOnnx } from '../../../../../scripts/models/onnx/read-onnx.ts';

const FIXTURES = join(import.meta.dirname, '../../../../fixtures/imports');

function fixture(name: string): Buffer {
  return readFileSync(join(FIXTURES, `${name}.onnx`));
}

describe('readOnnx()', () => {
  it('reads what skl2onnx writes', () => {
    const { irVersion, producer, opsets, inputs, outputs } = readOnnx(
      fixture('sklearn-classifier'),
    );

    expect({ irVersion, producer }).toEqual({ irVersion: 8, producer: 'skl2onnx 1.20.0' });
    expect(Object.fromEntries(opsets)).toEqual({ '': 17, 'ai.onnx.ml': 1 });
    expect(inputs).toEqual([
      { name: 'X', type: { kind: 'tensor', element: 'float', shape: [undefined, 4] } },
    ]);
    expect(outputs).toEqual([
      { name: 'label', type: { kind: 'tensor', element: 'string', shape: [undefined] } },
      { name: 'probabilities', type: { kind: 'tensor', element: 'float', shape: [undefined, 3] } },
    ]);
  });

  it('reads what torch writes, with the names of axes, and counts its weights', () => {
    const tokens = readOnnx(fixture('torch-tokens'));
    const pictures = readOnnx(fixture('torch-picture'));

    expect(tokens.inputs[0]).toEqual({
      name: 'input_ids',
      type: { kind: 'tensor', element: 'int64', shape: ['batch_size', 'sequence_length'] },
    });
    // 3·4·3·3 + 4 of the convolution with the norm folded in, 196·5 + 5 of the layer.
    expect(pictures.parameters).toBeGreaterThanOrEqual(108 + 4 + 980 + 5);
    expect(pictures.operators.get('Conv')).toBe(1);
  });

  it.each([
    ['sequence', 'outputs', 'a sequence of tensors'],
    ['sklearn-zipmap', 'outputs', 'a sequence of maps'],
    ['optional', 'inputs', 'an optional value (a tensor of float)'],
  ] as const)('describes what is no tensor: %s', (name, side, description) => {
    const types = readOnnx(fixture(name))[side].map(({ type }) => type);

    expect(types).toContainEqual({ kind: 'other', description });
  });

  it('counts operators in subgraphs, with their domain', () => {
    expect(Object.fromEntries(readOnnx(fixture('loop')).operators)).toEqual({
      Loop: 1,
      Add: 1,
      Identity: 1,
    });
    expect([...readOnnx(fixture('foreign-operator')).operators.keys()]).toEqual([
      'com.example:Sparkle',
    ]);
  });

  it('knows weights in other files, weights that are inputs, scalars, no elements, and no rank', () => {
    const shapeOf = (name: string): unknown => {
      const type = readOnnx(fixture(name)).inputs[0]?.type;
      return type?.kind === 'tensor' ? type.shape : undefined;
    };

    expect(readOnnx(fixture('external')).externalFiles).toEqual(['external.bin']);
    expect(readOnnx(fixture('old-weights')).inputs.map(({ name }) => name)).toEqual(['x']);
    expect(shapeOf('scalars')).toEqual([]);
    expect(shapeOf('empty')).toEqual([0, 3]);
    expect(shapeOf('without-rank')).toBeUndefined();
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'it is empty'],
    ['text', Buffer.from('hello, this is no model'), 'not an ONNX file'],
    ['a web page', Buffer.from('<!doctype html>'), 'the download has failed'],
    ['a pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), '`git lfs pull`'],
    ['what torch.save writes', Buffer.from('PK\x03\x04rest', 'latin1'), 'torch.onnx.export'],
    ['a pickle', Buffer.from('\x80\x04rest', 'latin1'), 'pickle'],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'not an ONNX file'],
    ['random bytes', Buffer.from('f81c43aa90b1e7', 'hex'), 'not an ONNX file'],
  ])('says of %s what it is', (_what, bytes, message) => {
    expect(() => readOnnx(bytes)).toThrow(OnnxFileError);
    expect(() => readOnnx(bytes)).toThrow(message);
  });

  it('says of every cut of a file that it was cut, or reads what is left of it whole', () => {
    const whole = fixture('torch-tokens');
    const messages = new Set<string>();
    for (let length = 1; length < whole.length; length += 1) {
      try {
        readOnnx(whole.subarray(0, length));
      } catch (cause) {
        messages.add((cause as Error).message.replaceAll(/\d+/g, 'N'));
        expect(cause).toBeInstanceOf(OnnxFileError);
      }
    }

    expect([...messages].toSorted()).toEqual([
      'it does not say which operators it uses (opset_import): it was cut off, or never finished',
      'it ends too early, after N bytes: copy or download it again',
      'it has no graph: it was cut off, or never written',
      'it is not an ONNX file',
    ]);
  });
});
