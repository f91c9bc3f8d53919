import { mkdir, mkdtemp, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { importModel } from '../../../scripts/models/import/import-model.ts';
import type { ImportOptions, ImportedModel } from '../../../scripts/models/import/import-model.ts';
import { verifyModel } from '../../../scripts/models/verify-model.ts';

const ROOT = join(import.meta.dirname, '../../..');
const FIXTURES = join(ROOT, 'test/fixtures/imports');

let scratch: string;
let folder: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'pilotlight-import-'));
  folder = join(scratch, 'models');
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

function fixture(name: string): string {
  return join(FIXTURES, `${name}.onnx`);
}

function importing(
  file: string,
  name: string,
  more: Partial<ImportOptions> = {},
): Promise<ImportedModel> {
  return importModel({
    file,
    name,
    version: 1,
    golden: undefined,
    labels: undefined,
    description: undefined,
    licence: undefined,
    tolerance: undefined,
    root: ROOT,
    folders: [folder, join(ROOT, 'models')],
    ...more,
  });
}

async function passes(name: string): Promise<boolean> {
  const openStore = (): never => {
    throw new TypeError('A folder needs no store');
  };
  const signal = new AbortController().signal;
  return (await verifyModel({ uri: `file:${join(folder, name)}`, openStore, signal })).passed;
}

describe('importModel() runs rows together only where they are independent', () => {
  it.each([
    'sklearn-classifier',
    'sklearn-regressor',
    'sklearn-texts',
    'torch-tokens',
    'torch-picture',
    'torch-half',
    'logic',
    'texts',
    'picks',
    'not-a-number',
    'old-weights',
  ])('%s: they are', async (name) => {
    const { manifest, rows } = await importing(fixture(name), name);

    expect(rows).toEqual({ independent: true });
    expect(manifest.batch).toMatchObject({ axis: 0, max_rows: expect.any(Number) as unknown });
    expect(await passes(name)).toBe(true);
  });

  it.each([
    ['row-mean', '"y" of a row depends on the rows beside it'],
    ['quantized', 'DynamicQuantizeLinear looks at all rows of a run together'],
    ['one-row-inside', 'the first axis of "y" does not vary'],
    ['differing', '"y" of a row depends'],
    ['lengths', 'the first axis of "places" does not vary'],
    ['torch-recurrent', 'the first axis of "last" does not vary'],
    ['torch-fixed', 'the first axis of "input" does not vary'],
    ['scalars', 'the first axis of "x" does not vary'],
    ['empty', 'the first axis of "x" does not vary'],
    ['loop', 'the first axis of "times" does not vary'],
    ['branch', 'the first axis of "flip" does not vary'],
  ])('%s: not, because %s', async (name, why) => {
    const { manifest, rows } = await importing(fixture(name), name);

    expect(rows).toEqual({ independent: false, why: expect.stringContaining(why) as unknown });
    expect(manifest.batch).toBeUndefined();
    expect(await passes(name)).toBe(true);
  });

  it('names axes after the file, and the same name is the same axis', async () => {
    const { manifest } = await importing(fixture('torch-tokens'), 'axes');

    expect(manifest.inputs.map(({ shape }) => shape)).toEqual([
      ['batch', 'sequence_length'],
      ['batch', 'sequence_length'],
    ]);
    expect(manifest.outputs).toEqual([{ name: 'logits', datatype: 'FP32', shape: ['batch', 2] }]);
  });
});

describe('importModel() refuses, and writes nothing', () => {
  it.each([
    ['external', ['external.bin', 'save_as_external_data=False', 'external_data=False']],
    ['sklearn-zipmap', ['"output_probability" is a sequence of maps', '{"zipmap": False}']],
    ['sequence', ['"parts" is a sequence of tensors', 'Only tensors can be sent']],
    ['optional', ['"maybe" is an optional value']],
    ['bfloat16', ['"x" is of type bfloat16', 'Cast']],
    ['complex', ['"x" is of type complex64']],
    ['without-rank', ['"x" does not say how many axes it has']],
    ['foreign-operator', ['the operator com.example:Sparkle, which ONNX Runtime does not have']],
    ['mistyped', ['the operator Sparkle, which ONNX does not have in that version']],
    ['future-opset', ['its operators (ai.onnx 99) are newer', 'older opset_version']],
    ['future-format', ['IR version 99, is newer', 'model.ir_version']],
    ['noise', ['differently each time']],
  ])('%s', async (name, words) => {
    const refusal = importing(fixture(name), `refused-${name}`);

    for (const word of words) await expect(refusal).rejects.toThrow(word);
    expect(await readdir(folder)).not.toContain(`refused-${name}`);
  });

  it('what is no ONNX file', async () => {
    const text = join(scratch, 'text.onnx');
    await writeFile(text, 'hello');
    const cut = join(scratch, 'cut.onnx');
    await writeFile(cut, (await readFile(fixture('torch-picture'))).subarray(0, 5000));
    const huge = join(scratch, 'huge.onnx');
    // Sparse: it has the size and takes no room.
    const handle = await open(huge, 'w');
    await handle.truncate(2 ** 31);
    await handle.close();
    await mkdir(join(scratch, 'folder.onnx'));

    await expect(importing(text, 'r')).rejects.toThrow('it is not an ONNX file');
    await expect(importing(cut, 'r')).rejects.toThrow('it ends too early');
    await expect(importing(huge, 'r')).rejects.toThrow('2 GiB');
    await expect(importing(join(scratch, 'folder.onnx'), 'r')).rejects.toThrow('it is a folder');
    await expect(importing(join(scratch, 'none.onnx'), 'r')).rejects.toThrow('no such file');
    expect(await readdir(folder)).not.toContain('r');
  });

  it.each([
    ['Iris', 'is no name for a model'],
    ['1st', 'is no name for a model'],
    ['a_b', 'is no name for a model'],
    ['../up', 'is no name for a model'],
    ['a'.repeat(64), 'is no name for a model'],
    ['', 'is no name for a model'],
    ['iris', 'is taken'],
    ['loader', 'is taken'],
    ['model', 'is taken'],
    ['minio', 'is taken'],
    ['iris-batch', 'is kept for batch jobs'],
  ])('the name "%s": it %s', async (name, message) => {
    await expect(importing(fixture('scalars'), name)).rejects.toThrow(message);
  });

  it('a name that an import has, unless it is a higher version', async () => {
    await importing(fixture('scalars'), 'again', { version: 2 });

    await expect(importing(fixture('loop'), 'again', { version: 2 })).rejects.toThrow(
      '--version 3',
    );
    const { manifest } = await importing(fixture('loop'), 'again', { version: 3 });

    expect(manifest.version).toBe(3);
    expect(await passes('again')).toBe(true);
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('importModel() with --golden', () => {
  const request = {
    inputs: [{ name: 'X', datatype: 'FP32', shape: [1, 4], data: [[6.3, 2.7, 4.9, 1.8]] }],
  };

  async function sample(content: unknown): Promise<string> {
    const path = join(scratch, `sample-${crypto.randomUUID()}.json`);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  it('records what the model answers to the given input', async () => {
    const { golden } = await importing(fixture('sklearn-classifier'), 'recorded', {
      golden: await sample(request),
    });

    expect(golden.producer).toMatch(/^ONNX Runtime 1\.\d+\.\d+, on the inputs of sample-/);
    const written = JSON.parse(await readFile(join(folder, 'recorded/golden.json'), 'utf8')) as {
      cases: { inputs: unknown; outputs: { name: string; data: unknown }[] }[];
    };
    expect(written.cases[0]?.outputs[0]).toMatchObject({ name: 'label', data: ['virginica'] });
  });

  it('holds the model to outputs that are given too', async () => {
    const label = (text: string): object => ({
      ...request,
      outputs: [{ name: 'label', datatype: 'BYTES', shape: [1], data: [text] }],
    });

    const right = await sample(label('virginica'));
    const wrong = await sample(label('setosa'));
    const file = fixture('sklearn-classifier');

    expect((await importing(file, 'held', { golden: right })).golden.producer).toMatch(
      /^as sample-/,
    );
    await expect(importing(file, 'not-held', { golden: wrong })).rejects.toThrow(
      'its output "label" is not as expected',
    );
  });

  it.each([
    ['not JSON', 'hello', 'it is not JSON'],
    ['no inputs', { inputs: [] }, 'it has no input "X"'],
    ['another input', { inputs: [{ ...request.inputs[0], name: 'Y' }] }, 'no input "Y"'],
    ['another type', { inputs: [{ ...request.inputs[0], datatype: 'FP64' }] }, 'is FP64'],
    ['another shape', { inputs: [{ ...request.inputs[0], shape: [4] }] }, 'has the shape [4]'],
    ['too few values', { inputs: [{ ...request.inputs[0], data: [1] }] }, '1 values'],
  ])('refuses a sample with %s', async (_what, content, message) => {
    const golden = await sample(content);

    await expect(importing(fixture('sklearn-classifier'), 'odd', { golden })).rejects.toThrow(
      message,
    );
  });
});
