import { describe, expect, it } from 'vitest';

import { splitRecords } from '../../../../../events/jobs/records/split-records.ts';
import type { RawRecord } from '../../../../../events/jobs/records/split-records.ts';
import { seededRandom } from '../../../../support/seeded-random.ts';

interface Row {
  readonly it: string;
  readonly text: string;
  readonly quoted?: boolean;
  readonly expected: readonly (readonly [offset: number, text: string | undefined])[];
}

const ROWS: readonly Row[] = [
  {
    it: 'splits at LF',
    text: 'a\nb\n',
    expected: [
      [0, 'a'],
      [2, 'b'],
    ],
  },
  {
    it: 'splits at CR LF',
    text: 'a\r\nb\r\n',
    expected: [
      [0, 'a'],
      [3, 'b'],
    ],
  },
  {
    it: 'takes a last line without an end',
    text: 'a\nb',
    expected: [
      [0, 'a'],
      [2, 'b'],
    ],
  },
  {
    it: 'takes a last line that ends with CR only',
    text: 'a\nb\r',
    expected: [
      [0, 'a'],
      [2, 'b'],
    ],
  },
  { it: 'keeps a CR inside of a line', text: 'a\rb\n', expected: [[0, 'a\rb']] },
  { it: 'leaves out blank lines', text: '\n \r\n\na\n\t\n', expected: [[5, 'a']] },
  { it: 'finds nothing in nothing', text: '', expected: [] },
  {
    it: 'leaves out the byte order mark',
    text: '\ufeffa\nb',
    expected: [
      [0, 'a'],
      [5, 'b'],
    ],
  },
  {
    it: 'keeps a byte order mark elsewhere',
    text: 'a\n\ufeffb',
    expected: [
      [0, 'a'],
      [2, '\ufeffb'],
    ],
  },
  {
    it: 'says that a record is too large',
    text: 'a\n123456789\nb\n',
    expected: [
      [0, 'a'],
      [2, undefined],
      [12, 'b'],
    ],
  },
  {
    it: 'takes the largest record',
    text: '12345678\r\n12345678\nb',
    expected: [
      [0, '12345678'],
      [10, '12345678'],
      [19, 'b'],
    ],
  },
  {
    it: 'splits inside of quotes when they mean nothing',
    text: '"a\nb"\n',
    expected: [
      [0, '"a'],
      [3, 'b"'],
    ],
  },
  {
    it: 'keeps quoted line ends',
    text: '"a\nb"\nc',
    quoted: true,
    expected: [
      [0, '"a\nb"'],
      [6, 'c'],
    ],
  },
  {
    it: 'keeps quoted CR LF',
    text: '"a\r\nb"\r\nc',
    quoted: true,
    expected: [
      [0, '"a\r\nb"'],
      [8, 'c'],
    ],
  },
  {
    it: 'takes doubled quotes for one',
    text: '"a""\n"\nc',
    quoted: true,
    expected: [
      [0, '"a""\n"'],
      [7, 'c'],
    ],
  },
  {
    it: 'gives a quote up that does not end',
    text: '"a\nbbbbbbbb\nc\n',
    quoted: true,
    expected: [
      [0, undefined],
      [12, 'c'],
    ],
  },
];

async function split(
  bytes: Buffer,
  { start = 0, end = bytes.length, quoted = false, piece = bytes.length + 1 } = {},
): Promise<[number, string | undefined][]> {
  const position = Math.max(start - 1, 0);
  async function* source(): AsyncGenerator<Buffer> {
    for (let at = position; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  }
  const options = { position, end, skipFirst: start > 0, quoted, maxRecordBytes: 8 };
  const records = await Array.fromAsync<RawRecord[]>(splitRecords(source(), options));
  return records.flat().map((record) => {
    const text = record.bytes?.toString();
    if (record.isTooLarge !== true && record.text !== undefined) expect(record.text).toBe(text);
    return [record.offset, text];
  });
}

describe('splitRecords()', () => {
  it.each(ROWS)('$it', async ({ text, quoted = false, expected }) => {
    expect(await split(Buffer.from(text), { quoted })).toEqual(expected);
  });

  it.each(ROWS)(
    '$it, whatever pieces the bytes come in',
    async ({ text, quoted = false, expected }) => {
      for (let piece = 1; piece <= 5; piece += 1) {
        expect(await split(Buffer.from(text), { quoted, piece })).toEqual(expected);
      }
    },
  );

  it('gives every record to exactly one range, wherever the cuts are', async () => {
    const random = seededRandom(7);
    const pick = (most: number): number => Math.floor(random() * (most + 1));
    for (let round = 0; round < 300; round += 1) {
      const lines = Array.from({ length: pick(12) }, () => 'x'.repeat(pick(11)));
      const ends = lines.map((line) => line + (pick(1) === 0 ? '\n' : '\r\n')).join('');
      const bytes = Buffer.from(pick(3) === 0 ? ends.trimEnd() : ends);
      const whole = await split(bytes);
      const step = 1 + pick(9);
      const parts: (typeof whole)[] = [];
      for (let start = 0; start < bytes.length; start += step) {
        const end = Math.min(start + step, bytes.length);
        parts.push(await split(bytes, { start, end, piece: 1 + pick(4) }));
      }
      expect(parts.flat()).toEqual(whole);
    }
  });
});
