import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { bytes } from '../../../../functions/inputs/bytes.ts';
import { seededRandom } from '../../../support/seeded-random.ts';

const schema = bytes('An image');
const faultOf = (value: unknown): string | undefined =>
  schema.safeParse(value).error?.issues[0]?.message;

describe('bytes()', () => {
  it('decodes what Node encodes, of every length and every byte', () => {
    const random = seededRandom(7);

    for (let length = 1; length < 300; length += 1) {
      const data = Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
      expect(schema.parse(data.toString('base64'))).toEqual(data);
    }
  });

  it('passes bytes on without a copy', () => {
    const data = Buffer.from('abc');
    const view = new Uint8Array(Buffer.from('xabcx').buffer, 0, 3);

    expect(schema.parse(data)).toBe(data);
    expect(Buffer.isBuffer(schema.parse(view))).toBe(true);
    expect(schema.parse(view).buffer).toBe(view.buffer);
  });

  it.each([
    ['no padding', 'QQ', 'padding'],
    ['half the padding', 'QQ=', 'padding'],
    ['too much padding', 'QUJD====', 'padding'],
    ['padding in the middle', 'QQ==QUJD', 'padding'],
    ['padding first', '=QUJ', 'padding'],
    ['nothing but padding', '====', 'padding'],
    ['bits left over', 'QR==', 'padding'],
    ['bits left over before one sign of padding', 'QUJ=', 'padding'],
    ['one letter too many', 'QUJDQ', 'padding'],
    ['a line end', 'QUJD\nQUJD', 'letter'],
    ['a blank', 'QUJD QUJD', 'letter'],
    ['letters of URLs', 'QU-_', 'letter'],
    ['letters of no alphabet', 'QU*D', 'letter'],
    ['letters beyond ASCII', 'QUJé', 'letter'],
    ['a data URL', 'data:image/png;base64,QUJD', 'data:'],
    ['an empty string', '', 'no bytes'],
    ['empty bytes', Buffer.alloc(0), 'no bytes'],
    ['a number', 5, 'base64 string'],
    ['null', null, 'base64 string'],
    ['nothing', undefined, 'base64 string'],
    ['a list of numbers', [1, 2], 'base64 string'],
    ['a Buffer as JSON writes it', { type: 'Buffer', data: [1] }, 'base64 string'],
  ])('judges %s', (_what, value, named) => {
    const fault = faultOf(value);

    if (named === undefined) expect(fault).toBeUndefined();
    else expect(fault).toContain(named);
  });

  it('takes ten million letters in one go', () => {
    const data = Buffer.alloc(7_500_000, 'a');

    expect(schema.parse(data.toString('base64')).equals(data)).toBe(true);
    expect(faultOf(`${data.toString('base64')}\n`)).toContain('letter');
  });

  it('is a required base64 string in a JSON schema', () => {
    const json = z.toJSONSchema(z.strictObject({ image: schema }), { io: 'input' });

    expect(json).toMatchObject({
      properties: {
        image: { type: 'string', contentEncoding: 'base64', description: 'An image' },
      },
      required: ['image'],
    });
  });

  it('names a field that is missing', () => {
    const parsed = z.strictObject({ image: schema }).safeParse({});

    expect(parsed.error?.issues.map(({ path }) => path)).toEqual([['image']]);
  });
});
