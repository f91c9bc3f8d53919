import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { expectClose } from '../../support/expect-close.ts';
import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';

interface Output {
  readonly similarities?: readonly number[];
  readonly probabilities?: readonly number[];
  readonly image_embedding?: readonly number[];
  readonly text_embeddings?: readonly (readonly number[])[];
}

interface Answer extends Output {
  readonly output: Output;
  readonly batch_size: number;
  readonly error?: { readonly code: string; readonly message: string; readonly details?: unknown };
}

interface Sample {
  readonly image: string;
  readonly texts: readonly string[];
}

let server: RunningFunction;
let sample: Sample;
let picture: Buffer;

beforeAll(async () => {
  server = await startFunction({
    env: { FUNCTION_TARGET: 'clip', MODEL_URI: 'file:models/clip', MAX_BODY_BYTES: '4000000' },
  });
  sample = JSON.parse(await readFile('functions/clip/sample.json', 'utf8')) as Sample;
  picture = Buffer.from(sample.image, 'base64');
});

afterAll(() => server.stop());

async function send(path: string, init: RequestInit): Promise<{ status: number; body: Answer }> {
  const answer = await fetch(`${server.url}${path}`, { method: 'POST', ...init });
  return { status: answer.status, body: (await answer.json()) as Answer };
}

const sendJson = (value: unknown, path = '/infer') =>
  send(path, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });

function form(fields: readonly (readonly [name: string, value: string | Buffer])[]): FormData {
  const data = new FormData();
  for (const [name, value] of fields) {
    if (typeof value === 'string') data.append(name, value);
    else data.append(name, new Blob([value]), 'picture.png');
  }
  return data;
}

const length = (vector: readonly number[] = []): number => Math.hypot(...vector);

describe('clip', () => {
  it('says how well each text fits the picture', async () => {
    const { status, body } = await sendJson(sample);

    expect(status).toBe(200);
    expect(Object.keys(body.output)).toEqual(['similarities', 'probabilities']);
    const { similarities = [], probabilities = [] } = body.output;
    expect(similarities).toHaveLength(sample.texts.length);
    // The first sentence of the sample is the true one.
    expect(Math.max(...similarities)).toBe(similarities[0]);
    expect(probabilities.reduce((sum, value) => sum + value)).toBeCloseTo(1, 9);
    expect(body).toMatchObject({ model_name: 'clip', model_version: '2', batch_size: 1 });
  });

  it('gives embeddings of length one, whose inner product is the similarity', async () => {
    const both = (await sendJson(sample, '/infer?embeddings=true')).body.output;
    const image = (await sendJson({ image: sample.image })).body.output;
    const texts = (await sendJson({ texts: sample.texts })).body.output;

    expect(Object.keys(image)).toEqual(['image_embedding']);
    expect(Object.keys(texts)).toEqual(['text_embeddings']);
    expectClose(both.image_embedding, image.image_embedding);
    for (const [row, text] of (texts.text_embeddings ?? []).entries()) {
      expectClose(both.text_embeddings?.[row], text);
      expect(length(text)).toBeCloseTo(1, 5);
      const product = text.reduce(
        (sum, value, place) => sum + value * (image.image_embedding?.[place] ?? NaN),
        0,
      );
      expect(both.similarities?.[row]).toBeCloseTo(product, 5);
    }
    expect(length(image.image_embedding)).toBeCloseTo(1, 5);
  });

  it('answers the same in every form', async () => {
    const texts = sample.texts.map((text) => ['text', text] as const);
    const json = (await sendJson(sample)).body.output;

    const multipart = await send('/infer', { body: form([['image', picture], ...texts]) });
    const flat = await send('/predict', { body: form([...texts, ['image', picture]]) });
    const asked = await send('/infer', {
      body: form([['image', picture], ...texts, ['embeddings', 'true']]),
    });
    const raw = await send('/infer', { headers: { 'content-type': 'image/png' }, body: picture });
    const alone = (await sendJson({ image: sample.image })).body.output;

    expectClose(multipart.body.output.similarities, json.similarities);
    expectClose(flat.body.similarities, json.similarities);
    expectClose(asked.body.output.image_embedding, alone.image_embedding);
    expectClose(raw.body.output.image_embedding, alone.image_embedding);
  });

  it('takes lists, with pictures, texts or both', async () => {
    const { status, body } = await sendJson({
      instances: [sample, { texts: ['a red star'] }, { image: sample.image }],
    });

    expect(status).toBe(200);
    expect((body.output as unknown as Output[]).map((output) => Object.keys(output))).toEqual([
      ['similarities', 'probabilities'],
      ['text_embeddings'],
      ['image_embedding'],
    ]);
  });

  it('gives a text the same embedding wherever it stands among many', async () => {
    const texts = Array.from({ length: 70 }, (_, index) => `${'a '.repeat(index % 9)}red star`);
    const alone = (await sendJson({ texts: texts.slice(69) })).body.output;

    const { body } = await sendJson({ image: sample.image, texts }, '/infer?embeddings=true');

    expect(body.output.text_embeddings).toHaveLength(70);
    expect(body.output.similarities).toHaveLength(70);
    expectClose(body.output.text_embeddings?.[69], alone.text_embeddings?.[0]);
  });

  it.each([
    ['empty', ''],
    ['emoji, right to left, a lone surrogate', '\u{1F600} \u05E9\u05DC\u05D5\u05DD \uD800'],
    ['the longest that is taken', 'star '.repeat(2000)],
    ['one word of ten thousand letters', 'x'.repeat(10_000)],
    ['control characters', '\u0000\u0007\u200B'],
    ['special tokens', '<|endoftext|><|startoftext|>'],
  ])('takes a text that is %s', async (_, text) => {
    const { status, body } = await sendJson({ texts: [text] });

    expect(status).toBe(200);
    expect(length(body.output.text_embeddings?.[0])).toBeCloseTo(1, 5);
  });

  it('reads a text up to its 32nd token', async () => {
    const texts = [30, 40].map((words) => 'star '.repeat(words));

    const { body } = await sendJson({ texts });

    expectClose(body.output.text_embeddings?.[0], body.output.text_embeddings?.[1]);
  });

  it.each<[string, unknown, string]>([
    ['nothing', {}, ''],
    ['no texts', { texts: [] }, 'texts'],
    ['a text that is no string', { texts: ['a', 1] }, 'texts.1'],
    ['a single string', { texts: 'a red star' }, 'texts'],
    ['more texts than are taken', { texts: Array(1001).fill('a') }, 'texts'],
    ['a text that is too long', { texts: ['x'.repeat(10_001)] }, 'texts.0'],
    ['a picture that is not base64', { image: 'a picture' }, 'image'],
    ['a key that is not known', { texts: ['a'], labels: [] }, ''],
    ['null', { texts: ['a'], image: null }, 'image'],
  ])('refuses %s', async (_, value, path) => {
    const { status, body } = await sendJson(value);

    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'INVALID_REQUEST', details: [{ path }] });
  });

  it('refuses a picture that is cut off, and names it', async () => {
    const cut = picture.subarray(0, 400);

    const alone = await send('/infer', {
      body: form([
        ['image', cut],
        ['text', 'a'],
      ]),
    });
    const listed = await sendJson({ instances: [sample, { image: cut.toString('base64') }] });

    expect(alone.status).toBe(400);
    expect(alone.body.error?.code).toBe('INVALID_IMAGE');
    expect(listed.body.error).toMatchObject({
      code: 'INVALID_IMAGE',
      details: [{ instance: 1 }],
    });
  });

  it('refuses other fields, and a picture sent twice', async () => {
    const extra = await send('/infer', {
      body: form([
        ['text', 'a'],
        ['label', 'b'],
      ]),
    });
    const twice = await send('/infer', {
      body: form([
        ['image', picture],
        ['image', picture],
      ]),
    });

    expect([extra.status, twice.status]).toEqual([400, 400]);
  });

  it('serves the tensors themselves by the Open Inference Protocol, either of them with no rows', async () => {
    const { body } = await sendJson(
      {
        inputs: [
          { name: 'pixel_values', datatype: 'FP32', shape: [0, 3, 64, 64], data: [] },
          { name: 'input_ids', datatype: 'INT64', shape: [1, 2], data: [697, 698] },
        ],
      },
      '/v2/models/clip/infer',
    );
    const { outputs } = body as unknown as { outputs: { name: string; shape: number[] }[] };

    expect(outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['image_embeds', [0, 128]],
      ['text_embeds', [1, 128]],
    ]);
  });

  it('refuses token ids that the vocabulary does not have, and lives on', async () => {
    const { status } = await sendJson(
      {
        inputs: [
          { name: 'pixel_values', datatype: 'FP32', shape: [0, 3, 64, 64], data: [] },
          { name: 'input_ids', datatype: 'INT64', shape: [1, 2], data: [697, 70_000] },
        ],
      },
      '/v2/models/clip/infer',
    );

    expect(status).toBe(400);
    expect((await sendJson(sample)).status).toBe(200);
  });
});
