import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { goldenFile } from '../../../models/loader/package-schema.ts';
import { expectError } from '../../support/http-client.ts';
import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';

interface Answer {
  readonly denoised: readonly number[];
  readonly pulses: readonly { position_s: number; amplitude: number; width_s: number }[];
  readonly pulse_count: number;
  readonly repetition_rate_hz: number;
  readonly snr_before_db: number | null;
  readonly snr_after_db: number | null;
  readonly sample_rate_hz: number;
  readonly sample_rate_from: string;
  readonly resampled: boolean;
  readonly sample_count: number;
  readonly channels: number;
  readonly plot: Readonly<Record<string, readonly number[]>>;
  readonly batch_size: number;
}

interface Instance {
  readonly signal: readonly number[];
  readonly sample_rate: number;
}

const FIXTURES = join(import.meta.dirname, '../../fixtures/signals');

let server: RunningFunction;
let sample: Instance;
let csv: string;

beforeAll(async () => {
  server = await startFunction({
    env: { FUNCTION_TARGET: 'denoise', MODEL_URI: 'file:models/denoise' },
  });
  sample = JSON.parse(await readFile('functions/denoise/sample.json', 'utf8')) as Instance;
  csv = await readFile('functions/denoise/sample.csv', 'utf8');
});

afterAll(() => server.stop());

function send(path: string, body: RequestInit['body'], headers: Record<string, string> = {}) {
  return fetch(`${server.url}${path}`, { method: 'POST', body: body ?? null, headers });
}

const sendJson = (path: string, value: unknown) =>
  send(path, JSON.stringify(value), { 'content-type': 'application/json' });

async function answerOf(response: Promise<Response>): Promise<Answer> {
  const answer = await response;
  const text = await answer.text();
  expect(text.slice(0, 300)).not.toContain('"error"');
  expect(answer.status).toBe(200);
  return JSON.parse(text) as Answer;
}

function form(content: string | Buffer, fields: Readonly<Record<string, string>> = {}): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  data.append('file', new Blob([content]), 'signal');
  return data;
}

describe('POST /predict', () => {
  it('answers as the Python original does', async () => {
    const { cases } = goldenFile.parse(
      JSON.parse(await readFile('models/denoise/golden.json', 'utf8')),
    );
    const pairs = cases.flatMap(({ instances = [], predictions = [] }) =>
      instances.map((instance, row) => [instance, predictions[row] as unknown as Answer] as const),
    );
    expect(pairs.length).toBeGreaterThan(0);

    for (const [instance, theirs] of pairs) {
      const ours = await answerOf(sendJson('/predict', instance));

      expect(ours.denoised).toHaveLength(theirs.denoised.length);
      const worst = Math.max(
        ...ours.denoised.map((value, index) => Math.abs(value - (theirs.denoised[index] ?? NaN))),
      );
      expect(worst).toBeLessThan(1e-4);
      expect(ours.pulses).toHaveLength(theirs.pulses.length);
      for (const [index, pulse] of theirs.pulses.entries()) {
        expect(ours.pulses[index]?.position_s).toBeCloseTo(pulse.position_s, 10);
        expect(ours.pulses[index]?.width_s).toBeCloseTo(pulse.width_s, 10);
        expect(ours.pulses[index]?.amplitude).toBeCloseTo(pulse.amplitude, 3);
      }
      expect(ours.snr_before_db).toBeCloseTo(theirs.snr_before_db ?? NaN, 2);
      expect(ours.snr_after_db).toBeCloseTo(theirs.snr_after_db ?? NaN, 2);
    }
  });

  it('takes a list of signals of different lengths', async () => {
    const short = { signal: sample.signal.slice(0, 16) };
    const long = { signal: Array.from({ length: 9000 }, (_, i) => sample.signal[i % 1000]) };

    const { predictions } = (await (
      await sendJson('/predict', { instances: [sample, short, long] })
    ).json()) as { predictions: Answer[] };

    expect(predictions.map(({ denoised }) => denoised.length)).toEqual([1000, 16, 9000]);
    expect(predictions.map((each) => each.sample_rate_from)).toEqual(['request', 'model', 'model']);
  });

  it('has enough to draw both signals', async () => {
    const signal = Array.from({ length: 2500 }, (_, index) => Math.sin(index / 9) * 5);

    const { plot, denoised } = await answerOf(sendJson('/predict', { signal }));

    expect(plot['step_s']).toBeCloseTo(3 / 50e6, 15);
    expect(plot['input_min']).toHaveLength(Math.ceil(2500 / 3));
    expect(plot['input_max']?.[1]).toBeCloseTo(Math.max(...signal.slice(3, 6)), 5);
    expect(plot['input_min']?.[1]).toBeCloseTo(Math.min(...signal.slice(3, 6)), 5);
    expect(plot['denoised_max']?.at(-1)).toBeCloseTo(denoised.at(-1) ?? NaN, 5);
  });

  it.each([
    ['a constant', Array.from({ length: 100 }, () => 3)],
    ['zeros', Array.from({ length: 5000 }, () => 0)],
  ])('finds nothing in %s', async (_, signal) => {
    const answer = await answerOf(sendJson('/predict', { signal }));

    expect(answer.denoised.every((value) => value === 0)).toBe(true);
    expect(answer).toMatchObject({ pulse_count: 0, snr_before_db: null, snr_after_db: null });
  });

  it.each([
    ['very large', 1e25],
    ['very small', 1e-25],
  ])('gives the same for values that are %s, in their unit', async (_, factor) => {
    const plain = await answerOf(sendJson('/predict', sample));

    const scaled = await answerOf(
      sendJson('/predict', { ...sample, signal: sample.signal.map((value) => value * factor) }),
    );

    expect(scaled.pulses.map(({ position_s: at }) => at)).toEqual(
      plain.pulses.map(({ position_s: at }) => at),
    );
    const largest = Math.max(...plain.denoised.map(Math.abs));
    for (const [index, value] of scaled.denoised.entries()) {
      expect(Math.abs(value / factor - (plain.denoised[index] ?? NaN))).toBeLessThan(
        1e-4 * largest,
      );
    }
  });

  it.each([
    ['too short', { signal: [1, 2, 3] }],
    ['neither samples nor a file', { sample_rate: 5 }],
    ['samples and a file', { signal: Array.from({ length: 16 }, () => 1), file: 'MTIz' }],
    ['no list', { signal: 'abc' }],
    ['words', { signal: Array.from({ length: 16 }, () => 'x') }],
    ['gaps', { signal: Array.from({ length: 16 }, () => null) }],
    ['huge values', { signal: Array.from({ length: 16 }, () => 1e31) }],
    ['a rate of 0', { signal: Array.from({ length: 16 }, () => 1), sample_rate: 0 }],
    ['an unknown key', { signal: Array.from({ length: 16 }, () => 1), rate: 5 }],
  ])('refuses %s', async (_, instance) => {
    const answer = await sendJson('/predict', instance);

    expectError(
      { status: answer.status, headers: answer.headers, text: await answer.text() },
      'INVALID_REQUEST',
      'typed',
    );
  });
});

describe('POST /test', () => {
  it('answers the same for every kind of file, in a form and as the body', async () => {
    const direct = await answerOf(sendJson('/predict', sample));
    const answers = [
      await answerOf(send('/test', form(csv))),
      await answerOf(send('/test', csv, { 'content-type': 'text/csv' })),
      await answerOf(send('/predict', csv, { 'content-type': 'text/csv' })),
      await answerOf(sendJson('/predict', { file: Buffer.from(csv).toString('base64') })),
      await answerOf(sendJson('/test', { file: Buffer.from(csv).toString('base64') })),
      await answerOf(
        send('/test?sample_rate=50000000', npyOf(sample.signal), {
          'content-type': 'application/octet-stream',
        }),
      ),
      await answerOf(send('/test', form(npyOf(sample.signal), { sample_rate: '50000000' }))),
      await answerOf(
        send('/test-text', sample.signal.join('; '), { 'content-type': 'text/plain' }),
      ),
      await answerOf(sendJson('/test-text', { text: sample.signal.join('\n') })),
    ];

    for (const answer of answers) {
      expect(answer.denoised).toEqual(direct.denoised);
      expect(answer.pulses).toEqual(direct.pulses);
      expect(answer.plot).toEqual(direct.plot);
      expect(answer.sample_rate_hz).toBe(50e6);
    }
    expect(answers.map((answer) => answer.sample_rate_from)).toEqual([
      'time column',
      'time column',
      'time column',
      'time column',
      'time column',
      'request',
      'request',
      'model',
      'model',
    ]);
  });

  it('reads WAV files, their channels and their rate', async () => {
    const stereo = await readFile(join(FIXTURES, 'stereo.wav'));

    const left = await answerOf(send('/test', stereo, { 'content-type': 'audio/wav' }));
    const right = await answerOf(send('/test?channel=1', stereo, { 'content-type': 'audio/wav' }));

    expect(left).toMatchObject({
      channels: 2,
      sample_rate_hz: 48_000,
      sample_rate_from: 'header',
      resampled: false,
    });
    expect(right.plot['input_min']).toEqual(left.plot['input_max']?.map((value) => 0 - value));
  });

  it('gives times in seconds of the signal, whatever the model saw', async () => {
    const { signal } = sample;
    const twice = signal.flatMap((value, index) => [value, (value + (signal[index + 1] ?? 0)) / 2]);

    const plain = await answerOf(sendJson('/predict', sample));
    const fast = await answerOf(sendJson('/predict', { signal: twice, sample_rate: 100e6 }));
    const slow = await answerOf(sendJson('/predict', { signal, sample_rate: 1000 }));

    expect(fast).toMatchObject({ resampled: true, sample_count: 2000 });
    expect(fast.denoised).toHaveLength(2000);
    expect(fast.pulses[0]?.position_s).toBeCloseTo(plain.pulses[0]?.position_s ?? NaN, 6);
    // Too far from the rate of the model: it goes in as it is.
    expect(slow.resampled).toBe(false);
    expect(slow.denoised).toEqual(plain.denoised);
    expect(slow.pulses[0]?.position_s).toBeCloseTo((plain.pulses[0]?.position_s ?? NaN) * 5e4, 6);
  });

  it('writes CSV and NPY when asked to', async () => {
    const { denoised } = await answerOf(send('/test', form(csv)));

    const asCsv = await send('/test', form(csv), { accept: 'text/csv' });
    const asNpy = await send('/test', form(csv), { accept: 'application/x-npy' });

    expect(asCsv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const lines = (await asCsv.text()).trimEnd().split('\n').slice(1);
    expect(lines.map((line) => Number(line.split(',')[1]))).toEqual(denoised);
    expect(lines[1]).toMatch(/^2e-8,/);
    expect(asNpy.headers.get('content-type')).toBe('application/x-npy');
    const again = Buffer.from(await asNpy.arrayBuffer());
    const read = await answerOf(
      send('/test?sample_rate=50e6', again, { 'content-type': 'application/x-npy' }),
    );
    expect(read.sample_count).toBe(1000);
    expect((await send('/test', form(csv), { accept: 'image/png' })).status).toBe(406);
  });

  it('leaves the samples out when asked to', async () => {
    const answer = await answerOf(send('/test?samples=false', form(csv)));

    expect(answer).not.toHaveProperty('denoised');
    expect(answer.plot['denoised_min']).toHaveLength(1000);
  });

  it.each([
    ['a damaged NPY file', '\x93NUMPY\x01\x00\xff\xff', {}],
    ['a WAV file that is cut off', 'RIFF\xff\xff\x00\x00WAVEfmt ', {}],
    ['a picture', '\x89PNG\r\n\x1a\n\x00\x00', {}],
    ['words', 'hello', {}],
    [
      'a channel that is not there',
      Array.from({ length: 20 }, String).join('\n'),
      { channel: '1' },
    ],
    ['a rate of no number', '1', { sample_rate: 'fast' }],
  ])('refuses %s', async (_, content, fields) => {
    const answer = await send('/test', form(Buffer.from(content, 'latin1'), fields));

    expectError(
      { status: answer.status, headers: answer.headers, text: await answer.text() },
      'INVALID_REQUEST',
      'typed',
    );
  });
});

describe('the protocols', () => {
  it('answer with tensors, V2 and V1', async () => {
    const data = Array.from({ length: 4096 }, (_, index) => (index % 5) - 2);
    const v2 = await sendJson('/v2/models/denoise/infer', {
      inputs: [{ name: 'signal', datatype: 'FP32', shape: [1, 4096], data }],
    });
    const v1 = await sendJson('/v1/models/denoise:predict', { instances: [{ signal: data }] });

    expect(v2.status).toBe(200);
    expect(await v2.json()).toMatchObject({
      outputs: [
        { name: 'denoised', shape: [1, 4096] },
        { name: 'error_variance', shape: [1, 4096] },
      ],
    });
    expect(v1.status).toBe(200);
  });
});

function npyOf(values: readonly number[]): Buffer {
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${values.length},), }`;
  const head = Buffer.from('\x93NUMPY\x01\0', 'latin1');
  return Buffer.concat([
    head,
    Buffer.from([text.length, 0]),
    Buffer.from(text),
    Buffer.from(Float64Array.from(values).buffer),
  ]);
}
