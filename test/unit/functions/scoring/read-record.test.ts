import { describe, expect, it } from 'vitest';

import { denoise } from '../../../../functions/denoise/index.ts';
import { readRecord } from '../../../../functions/scoring/read-record.ts';
import { UnsupportedMediaTypeError } from '../../../../functions/runtime/errors.ts';

const FILES = { format: 'files', delimiter: ',' } as const;

function read(key: string, bytes: Buffer): unknown {
  const { length } = bytes;
  const range = { key, etag: '"e"', sizeBytes: length, start: 0, end: length };
  return readRecord(denoise, FILES, { range, offset: 0, bytes }).instance;
}

describe('readRecord()', () => {
  it.each(['in/a.npy', 'in/a.WAV', 'in/a b.csv', 'in/a.txt'])(
    'gives a whole signal to denoise: %s',
    (key) => {
      const bytes = Buffer.from([1, 2, 3]);

      expect(denoise.request.parse(read(key, bytes))).toEqual({ file: bytes });
    },
  );

  it('refuses a file whose suffix the model does not read', () => {
    expect(() => read('in/a.png', Buffer.from([1]))).toThrow(UnsupportedMediaTypeError);
  });

  describe('a line with the custom_id', () => {
    const readLine = (id: unknown): unknown => {
      const bytes = Buffer.from(JSON.stringify({ custom_id: id, a: 1 }));
      const range = { key: 'in/a', etag: '"e"', sizeBytes: bytes.length, start: 0, end: 1 };
      const format = { format: 'jsonl', delimiter: ',' } as const;
      return readRecord(denoise, format, { range, offset: 0, bytes });
    };

    it.each(['a', ' ', 'ü'.repeat(256)])('%j has it as its id', (id) => {
      expect(readLine(id)).toEqual({ id, instance: { a: 1 } });
    });

    it.each(['', 'a'.repeat(257), 5, null, {}])('%j is refused', (id) => {
      expect(() => readLine(id)).toThrow('custom_id must be a text of 1 to 256 characters');
    });
  });
});
