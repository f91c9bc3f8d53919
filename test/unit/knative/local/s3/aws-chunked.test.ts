import { describe, expect, it } from 'vitest';

import { decodeAwsChunked } from '../../../../../knative/local/s3/aws-chunked.ts';
import type { AwsChunkedOptions } from '../../../../../knative/local/s3/aws-chunked.ts';
import { deriveSigningKey } from '../../../../../knative/local/s3/sigv4.ts';

// The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html: 65 KiB of "a".
const SCOPE = '20130524/us-east-1/s3/aws4_request';
const SIGNED = {
  signingKey: deriveSigningKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', SCOPE),
  signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
  date: '20130524T000000Z',
  scope: SCOPE,
  payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
};
const FIRST = `10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n${'a'.repeat(65_536)}\r\n`;
const SECOND = `400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n${'a'.repeat(1024)}\r\n`;
const LAST =
  '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n';

/** Decodes `text`, arriving in pieces of `pieceBytes`. */
async function decode(
  text: string,
  options: Partial<AwsChunkedOptions> = {},
  pieceBytes = 1000,
): Promise<string> {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let start = 0; start < text.length; start += pieceBytes) {
      yield Buffer.from(text.slice(start, start + pieceBytes), 'latin1');
    }
  }
  const decoded: Buffer[] = [];
  for await (const chunk of decodeAwsChunked(pieces(), { trailers: new Map(), ...options })) {
    decoded.push(Buffer.from(chunk));
  }
  return Buffer.concat(decoded).toString('latin1');
}

describe('decodeAwsChunked()', () => {
  it.each([1, 2, 3, 7, 1000])(
    'gives the payload, arriving %i bytes at a time',
    async (pieceBytes) => {
      const trailers = new Map<string, string>();
      const text = '5\r\nhello\r\n7\r\n, world\r\n0\r\nX-Amz-Checksum-Crc32: abc=\r\n\r\n';

      expect(await decode(text, { trailers }, pieceBytes)).toBe('hello, world');
      expect([...trailers]).toEqual([['x-amz-checksum-crc32', 'abc=']]);
    },
  );

  it('accepts the signed chunks AWS publishes', async () => {
    const payload = await decode(FIRST + SECOND + LAST, { signed: SIGNED });

    expect(payload).toBe('a'.repeat(66_560));
  });

  it.each([
    ['a byte is changed', FIRST.replace('aaaa', 'aaba') + SECOND + LAST],
    ['a chunk is left out', FIRST + LAST],
    ['a signature is missing', `${FIRST}400\r\n${'a'.repeat(1024)}\r\n${LAST}`],
    ['chunks are swapped', SECOND + FIRST + LAST],
  ])('refuses signed chunks when %s', async (_, text) => {
    await expect(decode(text, { signed: SIGNED })).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });

  it.each([
    ['ends in a chunk', '5\r\nhel'],
    ['ends before the last chunk', '5\r\nhello\r\n'],
    ['has no sizes', 'hello\r\n'],
    ['has a chunk longer than its size', '3\r\nhello\r\n0\r\n\r\n'],
    ['has a line without an end', 'x'.repeat(20_000)],
  ])('refuses a body that %s', async (_, text) => {
    await expect(decode(text)).rejects.toMatchObject({ code: 'IncompleteBody' });
  });
});
