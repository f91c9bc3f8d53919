import { describe, expect, it } from 'vitest';

import { readUploadForm } from '../../../../../../knative/local/s3/form/form-data.ts';

const TYPE = 'multipart/form-data; boundary=sep';

/** The body of a form, its parts as they come. */
function bodyOf(...parts: readonly string[]): string {
  return `${parts.map((part) => `--sep\r\n${part}\r\n`).join('')}--sep--\r\n`;
}

function field(name: string, value: string): string {
  return `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
}

function file(name: string, content: string): string {
  return `Content-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: a/b\r\n\r\n${content}`;
}

async function* inPieces(body: string, bytes: number): AsyncGenerator<Buffer, void> {
  const all = Buffer.from(body);
  for (let start = 0; start < all.length; start += bytes) yield all.subarray(start, start + bytes);
}

async function read(body: string, bytes = body.length, type = TYPE): Promise<unknown> {
  const { fields, fileName, file: content } = await readUploadForm(type, inPieces(body, bytes));
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return { ...Object.fromEntries(fields), fileName, file: Buffer.concat(chunks).toString() };
}

describe('readUploadForm()', () => {
  const nasty = 'a\r\n--se\r\n--\r\n\r\n--sepa'.replace('--sepa', '-- sep');

  it.each([1, 2, 3, 5, 7, 64, 10_000])(
    'reads it whatever it arrives in: %i bytes',
    async (bytes) => {
      const body = bodyOf(
        field('Key', 'ü ${filename}'),
        field('x', '1\r\n2'),
        file('n.txt', nasty),
      );

      expect(await read(body, bytes)).toEqual({
        key: 'ü ${filename}',
        x: '1\r\n2',
        fileName: 'n.txt',
        file: nasty,
      });
    },
  );

  it.each([
    ['C:\\\\folder\\\\n.txt', 'n.txt'],
    ['/a/b/n.txt', 'n.txt'],
    ['a %22quoted%22.txt', 'a "quoted".txt'],
    ['', ''],
  ])('knows a file called %s by its own name', async (name, expected) => {
    expect(await read(bodyOf(file(name, 'x')))).toMatchObject({ fileName: expected });
  });

  it('keeps the first of two fields with one name, and ignores those after the file', async () => {
    const body = bodyOf(field('a', '1'), field('A', '2'), file('f', 'x'), field('b', '3'));

    expect(await read(body)).toEqual({ a: '1', fileName: 'f', file: 'x' });
  });

  it('takes a boundary in quotes', async () => {
    const type = 'multipart/form-data; charset=utf-8; boundary="sep"';

    expect(await read(bodyOf(file('f', 'x')), 9, type)).toEqual({ fileName: 'f', file: 'x' });
  });

  it.each([
    ['no boundary', bodyOf(file('f', 'x')), 'multipart/form-data'],
    ['no file', bodyOf(field('a', '1')), TYPE],
    ['no end', bodyOf(file('f', 'x')).slice(0, -12), TYPE],
    ['nothing', '', TYPE],
    ['another boundary', bodyOf(file('f', 'x')).replaceAll('--sep', '--pes'), TYPE],
    ['fields above 64 KiB', bodyOf(field('a', 'a'.repeat(70_000)), file('f', 'x')), TYPE],
    ['too many fields', bodyOf(...Array(9000).fill(field('a', '')), file('f', 'x')), TYPE],
  ])('refuses %s', async (_, body, type) => {
    await expect(read(body, 100, type)).rejects.toMatchObject({ code: 'MalformedPOSTRequest' });
  });
});
