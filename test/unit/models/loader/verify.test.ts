import { beforeAll, describe, expect, it } from 'vitest';

import type { TensorSpec } from '../../../../functions/runtime/tensor.ts';
import type { FetchedPackage } from '../../../../models/loader/fetch-package.ts';
import { verifyPackage, verifySession } from '../../../../models/loader/verify.ts';
import {
  manifestOf,
  readIris,
  sha256,
  withAsset,
  withFiles,
} from '../../../support/package-fixture.ts';
import type { PackageFiles } from '../../../support/package-fixture.ts';

const URI = 's3://models/_shared/iris/1';
let iris: PackageFiles;

beforeAll(async () => {
  iris = await readIris();
});

function fetched(files: PackageFiles): FetchedPackage {
  const entries = [...files].map(
    ([name, bytes]) => [name, { bytes, sha256: sha256(bytes) }] as const,
  );
  const digest = sha256(String(files.get('model.json')));
  return { manifest: manifestOf(files), digest, files: new Map(entries), uncached: [] };
}

describe('verifyPackage()', () => {
  it('gives the contents of a sound package', () => {
    const verified = verifyPackage(URI, fetched(iris), 'iris');

    expect(verified.labels).toEqual(['setosa', 'versicolor', 'virginica']);
    expect(verified.model).toBe(iris.get('model.onnx'));
    expect(verified.golden.cases).toHaveLength(1);
  });

  it('gives vocabularies and tokenizers as they are, and nothing else', () => {
    const text = withAsset(iris, 'words.json', 'vocabulary', '["a"]');
    const both = withAsset(text, 'tokenizer.json', 'tokenizer', '{}');

    const { assets } = verifyPackage(URI, fetched(both), 'iris');

    expect([...assets].map(([name, bytes]) => [name, String(bytes)])).toEqual([
      ['words.json', '["a"]'],
      ['tokenizer.json', '{}'],
    ]);
  });

  it('refuses a changed vocabulary', () => {
    const text = withAsset(iris, 'words.json', 'vocabulary', '["a"]');

    const verify = () =>
      verifyPackage(URI, fetched(new Map([...text, ['words.json', Buffer.from('["b"]')]])), 'iris');

    expect(verify).toThrow(/words\.json has the sha256/);
  });

  it('refuses another model than the one that is served', () => {
    expect(() => verifyPackage(URI, fetched(iris), 'text')).toThrow(
      `Cannot load ${URI}: it is the model "iris", not "text"`,
    );
  });

  it.each([
    ['labels.json', /labels\.json has the sha256 [0-9a-f]{64}, model\.json says/],
    ['golden.json', /golden\.json has the sha256/],
    ['model.onnx', /model\.onnx has the sha256/],
  ])('refuses one changed bit in %s', (name, message) => {
    const changed = Buffer.from(iris.get(name) ?? '');
    changed[10] = (changed[10] ?? 0) ^ 1;

    const verify = () => verifyPackage(URI, fetched(new Map([...iris, [name, changed]])), 'iris');

    expect(verify).toThrow(expect.objectContaining({ permanent: true }));
    expect(verify).toThrow(message);
  });

  it('refuses a file of another size', () => {
    const shorter = iris.get('model.onnx')?.subarray(1) ?? Buffer.alloc(0);

    expect(() =>
      verifyPackage(URI, fetched(new Map([...iris, ['model.onnx', shorter]])), 'iris'),
    ).toThrow(/model\.onnx has \d+ bytes, model\.json says \d+/);
  });

  it.each([
    ['labels.json', '{"0":"setosa"}', /labels\.json is not valid/],
    ['labels.json', 'setosa', /labels\.json is not JSON/],
    ['golden.json', '{"cases":[]}', /golden\.json is not valid/],
    ['golden.json', 'null', /golden\.json is not valid/],
  ])('refuses a %s of %s', (name, content, message) => {
    expect(() => verifyPackage(URI, fetched(withFiles(iris, { [name]: content })), 'iris')).toThrow(
      message,
    );
  });
});

describe('verifySession()', () => {
  const features: TensorSpec = { name: 'features', datatype: 'FP32', shape: [-1, 4] };
  const label: TensorSpec = { name: 'label', datatype: 'INT64', shape: [-1] };
  const probabilities: TensorSpec = { name: 'probabilities', datatype: 'FP32', shape: [-1, 3] };

  it('accepts the graph that the manifest describes, in any order', () => {
    const session = { inputs: [features], outputs: [probabilities, label] };

    expect(() => verifySession(URI, manifestOf(iris), session)).not.toThrow();
  });

  it.each<[string, TensorSpec[], TensorSpec[], string]>([
    ['a missing input', [], [label, probabilities], 'the graph has no input "features"'],
    [
      'another datatype',
      [{ ...features, datatype: 'FP64' }],
      [label, probabilities],
      'input "features" is FP64 [-1, 4] in the graph, not FP32 [-1, 4]',
    ],
    [
      'another size',
      [features],
      [label, { ...probabilities, shape: [-1, 4] }],
      'output "probabilities" is FP32 [-1, 4] in the graph, not FP32 [-1, 3]',
    ],
    [
      'a fixed batch',
      [{ ...features, shape: [1, 4] }],
      [label, probabilities],
      'input "features" is FP32 [1, 4] in the graph, not FP32 [-1, 4]',
    ],
    [
      'an output more',
      [features],
      [label, probabilities, { ...label, name: 'debug' }],
      'output "debug" is not declared',
    ],
  ])('refuses %s', (_what, inputs, outputs, message) => {
    expect(() => verifySession(URI, manifestOf(iris), { inputs, outputs })).toThrow(message);
  });
});
