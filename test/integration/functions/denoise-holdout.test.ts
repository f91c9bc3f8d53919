import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { readRecording } from '../../../functions/inputs/signal/read-recording.ts';
import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';

interface Pulse {
  readonly position_s: number;
  readonly amplitude: number;
}

/** As the answer has it. */
interface FoundPulse extends Pulse {
  readonly width_s: number;
}

interface HeldOut {
  readonly file: string;
  readonly clean: string;
  readonly sample_rate: number;
  readonly pulses: readonly Pulse[];
}

interface Answer {
  readonly pulses: readonly FoundPulse[];
  readonly snr_before_db: number;
  readonly snr_after_db: number;
}

/** What the Python original answers: every 101st sample, pulses, ratios. */
interface Original extends Answer {
  readonly file: string;
  readonly every: readonly number[];
}

/** What one signal became, beside what the function says of it. */
interface Judged {
  readonly before: number;
  readonly after: number;
  readonly signal: HeldOut;
  readonly answer: Answer;
  readonly denoised: Float64Array;
}

/** Signals of one's own, by `holdout.py`; the original's answers are there for our own only. */
const OTHER = process.env['DENOISE_HOLDOUT'];
const isOther = OTHER !== undefined;
const FOLDER = OTHER ?? join(import.meta.dirname, '../../fixtures/denoise-holdout');
const EVERY = 101;
/** dB that must be gained in the mean of signals at 0 dB. */
const BAR = 10;
/** How far the function's own ratios may be off in the mean, dB. */
const OFF = { before: 1.5, after: 4 };
/** A pulse is found when one is reported this close to it, seconds; and the share of them that must be. */
const [NEAR, FOUND] = [0.5e-6, 0.9];

let server: RunningFunction;
let judged: readonly Judged[];

beforeAll(async () => {
  const signals = JSON.parse(
    await readFile(join(FOLDER, 'labels.json'), 'utf8'),
  ) as readonly HeldOut[];
  server = await startFunction({
    env: { FUNCTION_TARGET: 'denoise', MODEL_URI: 'file:models/denoise' },
  });
  judged = await Array.fromAsync(signals, judge);
}, 300_000);

afterAll(() => server.stop());

it('gains 10 dB on signals that training never showed', () => {
  expect(mean(judged.map(({ before, after }) => after - before))).toBeGreaterThanOrEqual(BAR);
});

it('knows about how good a signal was, and has become', () => {
  const off = (own: (one: Judged) => number): number => mean(judged.map(own).map(Math.abs));

  expect(off(({ answer, before }) => answer.snr_before_db - before)).toBeLessThan(OFF.before);
  expect(off(({ answer, after }) => answer.snr_after_db - after)).toBeLessThan(OFF.after);
});

it('finds the pulses, and little else', () => {
  const isNear = (one: Pulse, others: readonly Pulse[]): boolean =>
    others.some((other) => Math.abs(other.position_s - one.position_s) <= NEAR);
  const there = judged.flatMap(({ signal, answer }) =>
    signal.pulses.map((pulse) => isNear(pulse, answer.pulses)),
  );
  const reported = judged.flatMap(({ signal, answer }) =>
    answer.pulses.map((pulse) => isNear(pulse, signal.pulses)),
  );

  expect(mean(there.map(Number))).toBeGreaterThanOrEqual(FOUND);
  expect(mean(reported.map(Number))).toBeGreaterThanOrEqual(FOUND);
});

it.skipIf(isOther)('answers as the Python original does, at 25 to 200 MHz', async () => {
  const originals = JSON.parse(
    await readFile(join(FOLDER, 'original.json'), 'utf8'),
  ) as readonly Original[];

  expect(originals.map(({ file }) => file)).toEqual(judged.map(({ signal }) => signal.file));
  for (const [
    index,
    { every, pulses, snr_before_db: before, snr_after_db: after },
  ] of originals.entries()) {
    const { denoised, answer } = judged[index] as Judged;
    const largest = Math.max(...denoised.map(Math.abs));
    const worst = Math.max(
      ...every.map((value, place) => Math.abs(value - (denoised[place * EVERY] ?? NaN))),
    );
    expect(worst / largest).toBeLessThan(1e-4);
    expect(answer.snr_before_db).toBeCloseTo(before, 2);
    expect(answer.snr_after_db).toBeCloseTo(after, 2);
    expect(answer.pulses).toHaveLength(pulses.length);
    for (const [number, pulse] of pulses.entries()) {
      expect(answer.pulses[number]?.position_s).toBeCloseTo(pulse.position_s, 10);
      expect(answer.pulses[number]?.width_s).toBeCloseTo(pulse.width_s, 10);
      expect((answer.pulses[number]?.amplitude ?? NaN) / pulse.amplitude).toBeCloseTo(1, 3);
    }
  }
});

async function judge(signal: HeldOut): Promise<Judged> {
  const { file, clean: cleanFile, sample_rate: rate } = signal;
  const content = await readFile(join(FOLDER, file));
  const ask = async (query: string, accept: string): Promise<Buffer> => {
    const form = new FormData();
    form.append('sample_rate', String(rate));
    form.append('file', new Blob([content]), file);
    const answer = await fetch(`${server.url}/test${query}`, {
      method: 'POST',
      body: form,
      headers: { accept },
    });
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  };
  const denoised = await samplesOf(await ask('', 'application/x-npy'));
  const answer = await ask('?samples=false', 'application/json');
  const clean = await samplesOf(await readFile(join(FOLDER, cleanFile)));
  expect(denoised).toHaveLength(clean.length);
  return {
    before: ratio(clean, await samplesOf(content)),
    after: ratio(clean, denoised),
    signal,
    denoised,
    answer: JSON.parse(answer.toString()) as Answer,
  };
}

async function samplesOf(file: Buffer): Promise<Float64Array> {
  const samples = (await readRecording(file, { textLayout: 'table', channel: 0 })).channel(0);
  const values = new Float64Array(samples.length);
  samples.read(0, samples.length, values);
  return values;
}

/** Signal to noise in dB. */
function ratio(clean: Float64Array, other: Float64Array): number {
  let signal = 0;
  let noise = 0;
  for (const [index, value] of clean.entries()) {
    signal += value ** 2;
    noise += ((other[index] ?? NaN) - value) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
