import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readFixture } from '../../support/image-fixtures.ts';
import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';

interface Guess {
  readonly label: string;
  readonly index: number;
  readonly score: number;
}

interface Answer {
  readonly predictions: readonly Guess[];
  readonly batch_size: number;
  readonly error?: { readonly code: string; readonly message: string; readonly details?: unknown };
}

const HELD_OUT = join(import.meta.dirname, '../../fixtures/images/held-out');

let server: RunningFunction;
let picture: Buffer;

beforeAll(async () => {
  const env = { FUNCTION_TARGET: 'image', MODEL_URI: 'file:models/image' };
  [server, picture] = await Promise.all([startFunction({ env }), readFixture('rgb.png')]);
});

afterAll(() => server.stop());

async function send(path: string, init: RequestInit): Promise<{ status: number; body: Answer }> {
  const answer = await fetch(`${server.url}${path}`, { method: 'POST', ...init });
  return { status: answer.status, body: (await answer.json()) as Answer };
}

const sendRaw = (bytes: Buffer, query = '', type = 'image/png') =>
  send(`/predict${query}`, { headers: { 'content-type': type }, body: bytes });

const sendJson = (value: unknown, query = '') =>
  send(`/predict${query}`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });

function form(bytes: Buffer, fields: Readonly<Record<string, string>> = {}): FormData {
  const data = new FormData();
  data.append('image', new Blob([bytes]), 'picture.png');
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

async function topOf(file: string): Promise<string | undefined> {
  const { status, body } = await sendRaw(await readFixture(file), '?top_k=1');
  expect([file, status]).toEqual([file, 200]);
  return body.predictions[0]?.label;
}

describe('image', () => {
  it('names five classes, best first, with their place in labels.json', async () => {
    const { status, body } = await sendRaw(picture);
    const labels = JSON.parse(await readFile('models/image/labels.json', 'utf8')) as string[];

    expect(status).toBe(200);
    expect(body.predictions).toHaveLength(5);
    for (const { label, index } of body.predictions) expect(labels[index]).toBe(label);
    const scores = body.predictions.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it('gives all classes when asked, with scores that add up to 1', async () => {
    const { body } = await sendRaw(picture, '?top_k=10');

    expect(body.predictions).toHaveLength(10);
    expect(body.predictions.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
  });

  it('answers the same in every form', async () => {
    const base64 = picture.toString('base64');
    const raw = (await sendRaw(picture)).body.predictions;
    const answers = await Promise.all([
      sendRaw(picture, '', 'image/whatever'),
      send('/infer', { headers: { 'content-type': 'image/png' }, body: picture }),
      send('/predict', { body: form(picture) }),
      send('/infer', { body: form(picture) }),
      sendJson({ image: base64 }),
    ]);
    const list = await sendJson({ instances: [{ image: base64 }, { image: base64 }] });

    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expectClose(body.predictions, raw);
    }
    const listed = list.body.predictions as unknown as readonly Answer[];
    expect(listed).toHaveLength(2);
    for (const { predictions } of listed) expectClose(predictions, raw);
  });

  it('takes top_k from the query or the form', async () => {
    const byQuery = await send('/predict?top_k=2', { body: form(picture) });
    const byForm = await send('/predict', { body: form(picture, { top_k: '3' }) });
    const ofList = await sendJson(
      { instances: [{ image: picture.toString('base64') }] },
      '?top_k=1',
    );

    expect(byQuery.body.predictions).toHaveLength(2);
    expect(byForm.body.predictions).toHaveLength(3);
    expect(ofList.body.predictions).toMatchObject([
      { predictions: [{ index: expect.any(Number) as number }] },
    ]);
  });

  it.each(['0', '11', '-1', '1.5', 'five', ''])('refuses top_k=%s', async (topK) => {
    const answers = [
      await sendRaw(picture, `?top_k=${topK}`),
      await send('/predict', { body: form(picture, { top_k: topK }) }),
    ];

    for (const { status, body } of answers) {
      expect(status).toBe(400);
      expect(body.error).toMatchObject({ code: 'INVALID_REQUEST', details: [{ path: 'top_k' }] });
    }
  });

  it('names the picture that cannot be read', async () => {
    const good = { image: picture.toString('base64') };
    const bad = { image: picture.subarray(0, 500).toString('base64') };

    const { status, body } = await sendJson({ instances: [good, bad, good] });

    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: 'INVALID_IMAGE',
      message: 'The PNG image is damaged or cut off',
      details: [{ instance: 1 }],
    });
  });

  it.each(['animated.png', 'animated.webp', 'one.gif', 'one.tiff', 'pillow.json'])(
    'refuses %s whatever it is called',
    async (file) => {
      const { status, body } = await sendRaw(await readFixture(file));

      expect([status, body.error?.code]).toEqual([400, 'INVALID_IMAGE']);
    },
  );

  it('refuses more pictures than one run takes', async () => {
    const instances = Array.from({ length: 17 }, () => ({ image: picture.toString('base64') }));

    const { status, body } = await sendJson({ instances });

    expect([status, body.error?.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(body.error?.message).toContain('at most 16 pictures');
  });

  it('sees the same in CMYK and in 16 bits', async () => {
    const [rgb, grey] = [await topOf('rgb.png'), await topOf('grey.png')];

    expect(await topOf('cmyk.jpg')).toBe(rgb);
    expect(await topOf('rgb-16.png')).toBe(rgb);
    expect(await topOf('grey-16.png')).toBe(grey);
  });

  it('knows at least nine in ten of pictures that it has not learned from', async () => {
    const [, ...lines] = (await readFile(join(HELD_OUT, 'labels.csv'), 'utf8')).trim().split('\n');
    const pictures = lines.map((line) => line.split(',') as [file: string, label: string]);

    let right = 0;
    for (const [file, label] of pictures) {
      const type = file.endsWith('.png') ? 'image/png' : 'image/jpeg';
      const { body } = await sendRaw(await readFile(join(HELD_OUT, file)), '?top_k=1', type);
      if (body.predictions[0]?.label === label) right += 1;
    }

    expect(pictures.length).toBeGreaterThanOrEqual(60);
    expect(right / pictures.length).toBeGreaterThanOrEqual(0.9);
  });

  it('answers the rest while it works', async () => {
    const all = Promise.all(Array.from({ length: 24 }, () => sendRaw(picture)));

    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    for (const { status } of await all) expect(status).toBe(200);
  });
});

/** Rows of one run, and of another, may differ in their last bits. */
function expectClose(ours: readonly Guess[], theirs: readonly Guess[]): void {
  expect(ours.map(({ index }) => index)).toEqual(theirs.map(({ index }) => index));
  for (const [place, { score }] of ours.entries()) {
    expect(score).toBeCloseTo(theirs[place]?.score ?? NaN, 5);
  }
}
