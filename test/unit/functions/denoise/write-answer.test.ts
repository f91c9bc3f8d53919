import { expect, it } from 'vitest';

import type { DenoisedFile } from '../../../../functions/denoise/request.ts';
import { writeCsv, writeJson, writeNpy } from '../../../../functions/denoise/write-answer.ts';
import { readRecording } from '../../../../functions/inputs/signal/read-recording.ts';

const OPTIONS = { channel: 0, samples: true };
const ENVELOPE = { model_name: 'denoise', batch_size: 2 };

function answerOf(denoised: readonly number[]): DenoisedFile {
  return {
    pulses: [],
    pulse_count: 0,
    repetition_rate_hz: 0,
    snr_before_db: null,
    snr_after_db: 1.5,
    sample_rate_hz: 50e6,
    sample_rate_from: 'model',
    resampled: false,
    sample_count: denoised.length,
    duration_s: denoised.length / 50e6,
    channels: 1,
    plot: { step_s: 1, input_min: [], input_max: [], denoised_min: [], denoised_max: [] },
    denoised: Float32Array.from(denoised),
  };
}

async function whole(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) {
    expect(piece.length).toBeLessThan(256 * 1024);
    parts.push(piece);
  }
  return Buffer.concat(parts);
}

// One piece, the end of one, and several.
const LENGTHS = [16, 4095, 4096, 4097, 20_000];
const valuesOf = (length: number): number[] =>
  Array.from({ length }, (_, index) => Math.fround(Math.sin(index) * 10 ** ((index % 9) - 4)));

it.each(LENGTHS)('writeJson() writes %d samples as JSON reads them', async (length) => {
  const values = valuesOf(length);
  const answer = answerOf(values);

  const read = JSON.parse(
    String(await whole(writeJson(answer, { options: OPTIONS, envelope: ENVELOPE }))),
  ) as { denoised: number[] };

  expect(read.denoised.map(Math.fround)).toEqual(
    values.map((value) => Math.fround(Number(value.toPrecision(7)))),
  );
  expect(read).toEqual({ ...answer, ...ENVELOPE, denoised: read.denoised });
});

it('writeJson() leaves the samples out when asked to', async () => {
  const options = { ...OPTIONS, samples: false };

  const text = String(await whole(writeJson(answerOf([1, 2]), { options, envelope: ENVELOPE })));

  expect(JSON.parse(text)).not.toHaveProperty('denoised');
  expect(JSON.parse(text)).toMatchObject({ ...ENVELOPE, sample_count: 2 });
});

it.each(LENGTHS)('writeNpy() writes %d samples as NPY', async (length) => {
  const values = valuesOf(length);

  const bytes = await whole(writeNpy(answerOf(values)));

  const samples = (await readRecording(bytes, { textLayout: 'table', channel: 0 })).channel(0);
  const read = new Float64Array(samples.length);
  samples.read(0, samples.length, read);
  expect([...read]).toEqual(values);
  // numpy wants its data aligned.
  expect((bytes.length - 4 * length) % 64).toBe(0);
});

it.each(LENGTHS)('writeCsv() writes %d lines with their times', async (length) => {
  const values = valuesOf(length);

  const text = String(await whole(writeCsv(answerOf(values))));

  const [header, ...lines] = text.trimEnd().split('\n');
  expect(header).toBe('time_s,denoised');
  expect(lines).toHaveLength(length);
  expect(lines[0]).toBe('0,0');
  expect(lines[15]).toBe(`3e-7,${Number(values[15]?.toPrecision(7))}`);
});
