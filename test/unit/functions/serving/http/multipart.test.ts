import { describe, expect, it } from 'vitest';

import { InvalidRequestError } from '../../../../../functions/runtime/errors.ts';
import { parseMediaType } from '../../../../../functions/serving/http/media-type.ts';
import { parseMultipart } from '../../../../../functions/serving/http/multipart.ts';
import type { Part } from '../../../../../functions/serving/http/multipart.ts';
import { seededRandom } from '../../../../support/seeded-random.ts';

const parse = (body: string | Buffer, type = 'multipart/form-data; boundary=X'): Part[] =>
  parseMultipart(Buffer.from(body as string, 'latin1'), parseMediaType(type));

/** A body from lines, with the line ends that multipart has. */
const lines = (...text: string[]): string => text.join('\r\n');
const NAMED = 'Content-Disposition: form-data; name="a"';

/** What is wrong, from the error that parsing gives. */
function faultOf(body: string | Buffer, type?: string): string {
  try {
    parse(body, type);
  } catch (cause) {
    expect(cause).toBeInstanceOf(InvalidRequestError);
    return (cause as Error).message;
  }
  return 'no fault';
}

/** What undici writes for a form: the client in Node and, by the same specification, browsers. */
async function written(form: FormData): Promise<[body: Buffer, type: string]> {
  const response = new Response(form);
  return [
    Buffer.from(await response.arrayBuffer()),
    response.headers.get('content-type') ?? 'none',
  ];
}

describe('parseMultipart()', () => {
  it('reads what a client writes, bytes and order kept', async () => {
    const random = seededRandom(3);
    const bytes = Uint8Array.from({ length: 70_000 }, () => Math.floor(random() * 256));
    const form = new FormData();
    form.append('text', 'first\r\nline ends are \n made whole');
    form.append('image', new Blob([bytes], { type: 'image/PNG' }), 'na"me\n.png');
    form.append('text', '');
    form.append('naïve "name"', '✓');
    form.append('text', '--');

    const parts = parse(...(await written(form)));

    expect(
      parts.map(({ name, filename, mediaType, data }) => [name, filename, mediaType, data.length]),
    ).toEqual([
      ['text', undefined, undefined, 34],
      ['image', 'na"me\n.png', 'image/png', 70_000],
      ['text', undefined, undefined, 0],
      ['naïve "name"', undefined, undefined, 3],
      ['text', undefined, undefined, 2],
    ]);
    expect(parts[1]?.data.equals(bytes)).toBe(true);
    expect(String(parts[3]?.data)).toBe('✓');
  });

  it('gives views of the body, not copies', () => {
    const body = Buffer.from(lines('--X', NAMED, '', 'abc', '--X--'));

    const [part] = parseMultipart(body, parseMediaType('multipart/form-data; boundary=X'));

    expect(part?.data.buffer).toBe(body.buffer);
  });

  it.each([
    ['a text before the first part', lines('hello', '--X', NAMED, '', 'v', '--X--')],
    ['an empty line before the first part', lines('', '--X', NAMED, '', 'v', '--X--')],
    ['a text behind the last part', lines('--X', NAMED, '', 'v', '--X--', 'bye', '--X')],
    ['blanks behind a boundary', lines('--X \t', NAMED, '', 'v', '--X--  ')],
    [
      'a name without quotes',
      lines('--X', 'content-disposition:form-data;name=a', '', 'v', '--X--'),
    ],
    ['a semicolon at the end', lines('--X', `${NAMED};`, '', 'v', '--X--')],
    ['other headers', lines('--X', 'X-Y: z', NAMED, 'Content-Length: 9', '', 'v', '--X--')],
    [
      'bytes said to be binary',
      lines('--X', NAMED, 'Content-Transfer-Encoding: BINARY', '', 'v', '--X--'),
    ],
  ])('takes %s', (_what, body) => {
    expect(parse(body).map(({ name, data }) => [name, String(data)])).toEqual([['a', 'v']]);
  });

  it('takes a part that holds half a boundary, dashes and line ends', () => {
    const data = '\r\n--\r\n--Y\r\n\r\n-\r\n--';

    expect(String(parse(lines('--X', NAMED, '', data, '--X--'))[0]?.data)).toBe(data);
  });

  it('takes a boundary of any legal letters, in quotes', () => {
    const boundary = "a'()+_,-./:=? b";
    const body = lines(`--${boundary}`, NAMED, '', 'v', `--${boundary}--`);

    expect(parse(body, `multipart/form-data; boundary="${boundary}"`)).toHaveLength(1);
  });

  it('takes no part at all', () => {
    expect(parse('--X--')).toEqual([]);
  });

  it('reads the name that curl writes for a quote', () => {
    const disposition = String.raw`Content-Disposition: form-data; name="f"; filename="a\"b.png"`;

    expect(parse(lines('--X', disposition, '', 'v', '--X--'))[0]?.filename).toBe('a"b.png');
  });

  const whole = lines('--X', NAMED, '', 'value', '--X', NAMED, '', 'v', '--X--');

  it.each([...Array(whole.length - 1).keys()])(
    'says of %i bytes of a body that it is not whole or not well formed',
    (length) => {
      expect(faultOf(whole.slice(0, length))).toMatch(
        /ends before its last boundary|is not in it|line end/,
      );
    },
  );

  it.each([
    ['no boundary', 'multipart/form-data', 'names no boundary'],
    ['an empty boundary', 'multipart/form-data; boundary=""', 'not valid'],
    ['a long boundary', `multipart/form-data; boundary=${'x'.repeat(71)}`, 'not valid'],
    ['a boundary that ends in a blank', 'multipart/form-data; boundary="x "', 'not valid'],
    ['another boundary', 'multipart/form-data; boundary=Y', 'is not in it'],
    ['two boundaries', 'multipart/form-data; boundary=X; boundary=Y', 'twice'],
    ['half a quote', 'multipart/form-data; boundary="X', 'not valid'],
  ])('refuses a content type with %s', (_what, type, named) => {
    expect(faultOf(whole, type)).toContain(named);
  });

  it.each([
    ['bare line feeds', whole.replaceAll('\r\n', '\n'), 'line end'],
    ['a part without a head', lines('--X', '', 'v', '--X--'), 'no head'],
    ['a part without an empty line', lines('--X', NAMED, '--X--'), 'no head'],
    ['an empty part', lines('--X', '--X--'), 'no head'],
    [
      'a part without a disposition',
      lines('--X', 'A: b', '', 'v', '--X--'),
      'no Content-Disposition',
    ],
    [
      'an attachment',
      lines('--X', NAMED.replace('form-data', 'attachment'), '', 'v', '--X--'),
      'form-data',
    ],
    [
      'a part without a name',
      lines('--X', 'Content-Disposition: form-data', '', '', '--X--'),
      'no name',
    ],
    ['an empty name', lines('--X', NAMED.replace('"a"', '""'), '', 'v', '--X--'), 'no name'],
    ['two names', lines('--X', `${NAMED}; name="b"`, '', 'v', '--X--'), 'twice'],
    ['a header twice', lines('--X', NAMED, NAMED, '', 'v', '--X--'), 'header twice'],
    ['a folded header', lines('--X', NAMED, ' more', '', 'v', '--X--'), 'header of a part'],
    ['a header without a colon', lines('--X', NAMED, 'more', '', 'v', '--X--'), 'header of a part'],
    [
      'base64',
      lines('--X', NAMED, 'Content-Transfer-Encoding: base64', '', 'dg==', '--X--'),
      'Transfer',
    ],
    ['a long head', lines('--X', NAMED, `A: ${'b'.repeat(5000)}`, '', 'v', '--X--'), 'longer than'],
    [
      'a long name',
      lines('--X', NAMED.replace('"a"', `"${'a'.repeat(201)}"`), '', '', '--X--'),
      '200',
    ],
    ['too many parts', `${lines('--X', NAMED, '', 'v', '').repeat(1025)}--X--`, 'more than 1024'],
    ['a longer boundary within', lines('--X', NAMED, '', 'v', '--XY', 'v', '--X--'), 'line end'],
  ])('refuses %s', (_what, body, named) => {
    expect(faultOf(body)).toContain(named);
  });

  it('throws nothing but its own error, whatever comes', () => {
    const random = seededRandom(11);
    const below = (bound: number): number => Math.floor(random() * bound);
    const kinds = new Set<string>();

    for (let round = 0; round < 3000; round += 1) {
      const body = Buffer.from(whole);
      for (let fault = below(4); fault >= 0; fault -= 1) {
        body[below(body.length)] = Buffer.from('\r\n-X":;= \0a')[below(11)] ?? 0;
      }
      kinds.add(faultOf(body.subarray(below(5), body.length - below(5))));
    }

    expect(kinds.size).toBeGreaterThan(8);
  });
});
