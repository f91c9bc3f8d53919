import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { expectClose } from '../../support/expect-close.ts';
import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';

interface Output {
  readonly label: string;
  readonly scores: readonly number[];
  readonly logits: readonly number[];
}

interface Answer extends Output {
  readonly output: Output;
  readonly batch_size: number;
  readonly error?: { readonly code: string; readonly message: string; readonly details?: unknown };
}

interface Sample {
  readonly image: string;
  readonly text: string;
}

let server: RunningFunction;
let sample: Sample;
let picture: Buffer;

/** What it answers to is the same for any FLAVA; how well the one of this clone answers: flava-holdout.test.ts. */
const PACKAGE = join(import.meta.dirname, '../../fixtures/flava-tiny');

beforeAll(async () => {
  server = await startFunction({ env: { FUNCTION_TARGET: 'flava', MODEL_URI: `file:${PACKAGE}` } });
  sample = JSON.parse(await readFile('functions/flava/sample.json', 'utf8')) as Sample;
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

describe('flava', () => {
  it('gives logits, their softmax, and the label of the largest', async () => {
    const { status, body } = await sendJson(sample);

    expect(status).toBe(200);
    expect(Object.keys(body.output)).toEqual(['label', 'scores', 'logits']);
    const { label, scores, logits } = body.output;
    expect(label).toBe((logits[1] ?? NaN) > (logits[0] ?? NaN) ? 'match' : 'mismatch');
    const odds = logits.map(Math.exp);
    const sum = odds.reduce((total, odd) => total + odd);
    expectClose(
      scores,
      odds.map((odd) => odd / sum),
    );
    expect(body).toMatchObject({ model_name: 'flava', model_version: '1', batch_size: 1 });
  });

  it('reads both the picture and the text', async () => {
    const own = (await sendJson(sample)).body.output.logits;
    const flipped = await sharp(picture).negate().png().toBuffer();

    const otherText = await sendJson({ ...sample, text: 'two dogs' });
    const otherPicture = await sendJson({ ...sample, image: flipped.toString('base64') });

    expect(otherText.body.output.logits[0]).not.toBeCloseTo(own[0] ?? NaN, 4);
    expect(otherPicture.body.output.logits[0]).not.toBeCloseTo(own[0] ?? NaN, 4);
  });

  it('answers the same in every form', async () => {
    const json = (await sendJson(sample)).body.output;

    const multipart = await send('/infer', {
      body: form([
        ['text', sample.text],
        ['image', picture],
      ]),
    });
    const flat = await sendJson(sample, '/predict');
    const list = await sendJson({ instances: [sample, sample, sample] });

    expectClose(multipart.body.output.logits, json.logits);
    expectClose(flat.body.logits, json.logits);
    const listed = list.body.output as unknown as Output[];
    expect(listed).toHaveLength(3);
    for (const { logits } of listed) expectClose(logits, json.logits);
    expect(list.body.batch_size).toBe(3);
  });

  it.each([
    ['empty', ''],
    ['emoji, right to left, a lone surrogate', '\u{1F600} \u05E9\u05DC\u05D5\u05DD \uD800'],
    ['the longest that is taken', 'star '.repeat(2000)],
    ['control characters', '\u0000\u0007\u200B'],
    ['special tokens', '[MASK] [SEP] [CLS]'],
  ])('takes a text that is %s', async (_, text) => {
    const { status, body } = await sendJson({ ...sample, text });

    expect(status).toBe(200);
    expect(body.output.scores.reduce((sum, score) => sum + score)).toBeCloseTo(1, 9);
  });

  it.each<[string, (sample: Sample) => unknown, string]>([
    ['a picture without a text', ({ image }) => ({ image }), 'text'],
    ['a text without a picture', ({ text }) => ({ text }), 'image'],
    ['texts', ({ image, text }) => ({ image, text: [text] }), 'text'],
    ['a text that is too long', (own) => ({ ...own, text: 'x'.repeat(10_001) }), 'text'],
    ['an empty picture', (own) => ({ ...own, image: '' }), 'image'],
    ['a picture that is not base64', (own) => ({ ...own, image: 'a picture' }), 'image'],
    ['a key that is not known', (own) => ({ ...own, labels: [] }), ''],
    ['more than fit into one run', (own) => ({ instances: Array(17).fill(own) }), 'instances'],
  ])('refuses %s', async (_, change, path) => {
    const { status, body } = await sendJson(change(sample));

    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'INVALID_REQUEST', details: [{ path }] });
  });

  it.each<[string, (text: string, image: Buffer) => [string, string | Buffer][]]>([
    ['no text', (_, image) => [['image', image]]],
    ['no picture', (text) => [['text', text]]],
    [
      'a field that is not known',
      (text, image) => [
        ['text', text],
        ['image', image],
        ['top_k', '1'],
      ],
    ],
    [
      'two pictures',
      (text, image) => [
        ['text', text],
        ['image', image],
        ['image', image],
      ],
    ],
    [
      'two texts',
      (text, image) => [
        ['text', text],
        ['text', text],
        ['image', image],
      ],
    ],
    [
      'an empty picture',
      (text) => [
        ['text', text],
        ['image', Buffer.alloc(0)],
      ],
    ],
    [
      'a text that is a file of bytes',
      (_, image) => [
        ['text', image],
        ['image', image],
      ],
    ],
  ])('refuses a form with %s', async (_, fields) => {
    const { status, body } = await send('/infer', { body: form(fields(sample.text, picture)) });

    expect(status).toBe(400);
    expect(body.error?.code).toBe('INVALID_REQUEST');
  });

  it.each(['image/png', 'text/plain'])('does not take a bare body of %s', async (type) => {
    const { status, body } = await send('/infer', {
      headers: { 'content-type': type },
      body: type === 'text/plain' ? sample.text : picture,
    });

    expect(status).toBe(415);
    expect(body.error?.code).toBe('UNSUPPORTED_MEDIA_TYPE');
  });

  it.each<[string, (picture: Buffer) => Buffer]>([
    ['cut off', (own) => own.subarray(0, 400)],
    ['no picture at all', () => Buffer.from('a picture')],
    ['a drawing', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ])('refuses a picture that is %s, and names it', async (_, change) => {
    const image = change(picture);
    const broken = { ...sample, image: image.toString('base64') };

    const listed = await sendJson({ instances: [sample, broken] });
    const alone = await send('/infer', {
      body: form([
        ['image', image],
        ['text', sample.text],
      ]),
    });

    expect([listed.status, alone.status]).toEqual([400, 400]);
    expect(listed.body.error).toMatchObject({ code: 'INVALID_IMAGE', details: [{ instance: 1 }] });
    expect(alone.body.error?.code).toBe('INVALID_IMAGE');
  });

  it('takes rows of any length by the Open Inference Protocol, side by side', async () => {
    const answers = await Promise.all(
      [
        [2, 3],
        [2, 5, 3],
        [2, 5, 6, 3],
        [2, 5, 3],
      ].map((ids) => sendIds(ids)),
    );

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const rows = answers.map(({ body }) => {
      const { outputs } = body as unknown as {
        outputs: { name: string; shape: number[]; data: number[] }[];
      };
      expect(outputs).toMatchObject([{ name: 'logits', shape: [1, 2] }]);
      return outputs[0]?.data ?? [];
    });
    expectClose(rows[3], rows[1] ?? []);
    expect(rows[0]?.[0]).not.toBeCloseTo(rows[2]?.[0] ?? NaN, 5);
  });

  it.each([
    ['ids that the vocabulary does not have', [2, 70_000, 3]],
    ['more tokens than there are positions', Array<number>(70).fill(5)],
  ])('refuses %s, and lives on', async (_, ids) => {
    const { status } = await sendIds(ids);

    expect(status).toBe(400);
    expect((await sendJson(sample)).status).toBe(200);
  });

  function sendIds(ids: readonly number[]): ReturnType<typeof sendJson> {
    const row = { datatype: 'INT64', shape: [1, ids.length] };
    const pixels = { datatype: 'FP32', shape: [1, 3, 32, 32], data: Array(3072).fill(0) };
    return sendJson(
      {
        inputs: [
          { name: 'pixel_values', ...pixels },
          { name: 'input_ids', ...row, data: ids },
          { name: 'attention_mask', ...row, data: ids.map(() => 1) },
        ],
      },
      '/v2/models/flava/infer',
    );
  }
});
