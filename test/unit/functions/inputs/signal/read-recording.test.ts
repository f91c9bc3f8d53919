import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { readRecording } from '../../../../../functions/inputs/signal/read-recording.ts';
import type { Recording } from '../../../../../functions/inputs/signal/recording.ts';
import { InvalidRequestError } from '../../../../../functions/runtime/errors.ts';

interface Case {
  readonly file: string;
  readonly rate?: number;
  readonly channels: readonly (readonly number[])[];
}

const FOLDER = join(import.meta.dirname, '../../../../fixtures/signals');
const CASES = JSON.parse(readFileSync(join(FOLDER, 'cases.json'), 'utf8')) as {
  readonly npy: readonly Case[];
  readonly wav: readonly Case[];
};

const fixture = (file: string): Buffer => readFileSync(join(FOLDER, file));
const read = (bytes: Buffer): Promise<Recording> =>
  readRecording(bytes, { textLayout: 'table', channel: 0 });

function samplesOf(recording: Recording, channel: number): number[] {
  const samples = recording.channel(channel);
  const target = new Float64Array(samples.length);
  samples.read(0, samples.length, target);
  return [...target];
}

/** A copy with other bytes at one place. */
function changed(bytes: Buffer, at: number, to: readonly number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(to, at);
  return copy;
}

describe('readRecording()', () => {
  it.each([...CASES.npy, ...CASES.wav])('reads $file as numpy and scipy do', async (expected) => {
    const recording = await read(fixture(expected.file));

    expect(recording.channels).toBe(expected.channels.length);
    expect(recording.rate?.hz).toBe(expected.rate);
    for (const [channel, values] of expected.channels.entries()) {
      // JSON has no negative zero.
      expect(samplesOf(recording, channel).map((value) => value + 0)).toEqual(
        values.map((value) => value + 0),
      );
    }
  });

  it('reads any stretch of a channel', async () => {
    const samples = (await read(fixture('columns-fortran.npy'))).channel(1);
    const all = new Float64Array(samples.length);
    samples.read(0, samples.length, all);
    const some = new Float64Array(5);

    samples.read(7, 5, some);

    expect([...some]).toEqual([...all.subarray(7, 12)]);
  });

  it.each([
    ['is cut off in its data', (file: Buffer) => file.subarray(0, -1), /159 bytes of data/],
    ['has bytes left over', (file: Buffer) => Buffer.concat([file, Buffer.alloc(3)]), /163 bytes/],
    ['ends in its head', (file: Buffer) => file.subarray(0, 9), /ends in its header/],
    ['ends in its header', (file: Buffer) => file.subarray(0, 40), /ends in its header/],
    ['has an unknown version', (file: Buffer) => changed(file, 6, [9]), /version is 9/],
    ['has a huge header', (file: Buffer) => changed(file, 8, [255, 255]), /65535 bytes/],
    ['claims more than there is', () => npy('<f8', '(99999999999,)'), /799999999992/],
    [
      'claims more than can be counted',
      () => npy('<f8', '(999999999999999, 999999999999999)'),
      /bytes of data/,
    ],
    ['has a negative length', () => npy('<f8', '(-1,)'), /lacks/],
    ['has no samples', () => npy('<f8', '(0,)', 0), /0 samples/],
    ['has too few samples', () => npy('<f8', '(15,)', 120), /15 samples/],
    ['has no dimension', () => npy('<f8', '()', 8), /0 dimensions/],
    ['has three dimensions', () => npy('<f8', '(4, 5, 1)'), /3 dimensions/],
    ['has complex numbers', () => npy('<c16', '(10,)'), /complex/],
    ['has Python objects', () => npy('|O', '(20,)'), /Python objects/],
    ['has text', () => npy('<U2', '(20,)'), /text/],
    ['has dates', () => npy('<M8[ns]', '(20,)'), /dates/],
    ['has raw bytes', () => npy('|V8', '(20,)'), /raw bytes/],
    ['has an unknown type', () => npy('<q8', '(20,)'), /does not write/],
    ['has an impossible size', () => npy('<f7', '(20,)'), /does not write/],
    ['has long doubles of another processor', () => npy('>f16', '(16,)', 256), /another processor/],
    ['has a header of something else', () => npyHeader('import os', 160), /no dictionary/],
    ['lacks a key', () => npyHeader("{'descr': '<f8', 'shape': (20,)}", 160), /lacks/],
    [
      'has fields',
      () => npyHeader("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (20,)}", 160),
      /fields/,
    ],
  ])('refuses an NPY file that %s', async (_, change, message) => {
    await expectRefusal(change(fixture('f8-v1.npy')), message);
  });

  it.each([
    ['is cut off', (file: Buffer) => file.subarray(0, -2), /shorter than it says/],
    ['is nothing but its head', (file: Buffer) => file.subarray(0, 12), /shorter than it says/],
    ['is big-endian', (file: Buffer) => changed(file, 3, [0x58]), /kind RIFX/],
    ['is of 64 bits', (file: Buffer) => changed(file, 0, [...Buffer.from('RF64')]), /kind RF64/],
    [
      'has a chunk without end',
      (file: Buffer) => changed(file, 40, [255, 255, 255, 255]),
      /"data" is cut off/,
    ],
    [
      'has no format',
      (file: Buffer) => changed(file, 12, [...Buffer.from('xxxx')]),
      /no chunk "fmt"/,
    ],
    [
      'has no data',
      (file: Buffer) => changed(file, 36, [...Buffer.from('xxxx')]),
      /no chunk "data"/,
    ],
    ['has no channel', (file: Buffer) => changed(file, 22, [0, 0]), /no channel/],
    ['has a sampling rate of 0', (file: Buffer) => changed(file, 24, [0, 0, 0, 0]), /rate of 0/],
    ['has frames of no bytes', (file: Buffer) => changed(file, 32, [0, 0]), /bits in frames/],
    ['has samples of no bits', (file: Buffer) => changed(file, 34, [0, 0]), /bits in frames/],
    [
      'has more bits than bytes for them',
      (file: Buffer) => changed(file, 34, [24, 0]),
      /bits in frames/,
    ],
    ['is compressed', (file: Buffer) => changed(file, 20, [2, 0]), /of the kind 2/],
    [
      'has half a frame',
      (file: Buffer) => changed(file, 22, [3, 0, 0x44, 0xac, 0, 0, 0, 0, 0, 0, 6, 0]),
      /whole frames/,
    ],
  ])('refuses a WAV file that %s', async (_, change, message) => {
    await expectRefusal(change(fixture('pcm16.wav')), message);
  });

  it.each(['extensible.wav', 'odd-chunks.wav', 'f4.npy', 'rows-fortran.npy'])(
    'answers every damage to %s with what it reads or a refusal',
    async (file) => {
      const bytes = fixture(file);
      const outcomes = { read: 0, refused: 0 };
      for (let at = 0; at < bytes.length; at += 1) {
        for (const value of [0, 1, 127, 255]) {
          outcomes[await readOrRefuse(changed(bytes, at, [value]))] += 1;
        }
        outcomes[await readOrRefuse(bytes.subarray(0, at))] += 1;
      }

      expect(outcomes.read).toBeGreaterThan(100);
      expect(outcomes.refused).toBeGreaterThan(bytes.length);
    },
  );

  it('refuses samples that are not finite when they are read', async () => {
    const data = Buffer.alloc(160);
    data.writeDoubleLE(NaN, 72);
    const recording = await read(Buffer.concat([npy('<f8', '(20,)', 0), data]));

    expect(() => samplesOf(recording, 0)).toThrow('Sample 9 is not finite');
  });
});

async function expectRefusal(bytes: Buffer, message: RegExp): Promise<void> {
  // What is wrong with samples shows when they are read.
  const refused = read(bytes).then((recording) => samplesOf(recording, 0));
  await expect(refused).rejects.toThrow(InvalidRequestError);
  await expect(refused).rejects.toThrow(message);
}

/** Reads everything that there is; any other error than a refusal is thrown. */
async function readOrRefuse(bytes: Buffer): Promise<'read' | 'refused'> {
  try {
    const recording = await read(bytes);
    for (let channel = 0; channel < recording.channels; channel += 1) samplesOf(recording, channel);
    return 'read';
  } catch (cause) {
    if (!(cause instanceof InvalidRequestError)) throw cause;
    return 'refused';
  }
}

function npy(descr: string, shape: string, dataBytes = 160): Buffer {
  return npyHeader(`{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`, dataBytes);
}

function npyHeader(text: string, dataBytes: number): Buffer {
  const head = Buffer.from('\x93NUMPY\x01\0', 'latin1');
  const length = Buffer.from([text.length, 0]);
  return Buffer.concat([head, length, Buffer.from(text), Buffer.alloc(dataBytes, 1)]);
}
