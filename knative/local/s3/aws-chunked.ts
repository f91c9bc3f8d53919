import { createHash } from 'node:crypto';

import { S3Error } from './s3-error.ts';
import { hmac, sameText } from './sigv4.ts';
import type { VerifiedSignature } from './sigv4.ts';

/** How to read one aws-chunked body. */
export interface AwsChunkedOptions {
  /** Present when every chunk carries its signature, which follows from this one. */
  readonly signed?: VerifiedSignature;
  /** Filled with the trailing headers, names in lower case, before the body ends. */
  readonly trailers: Map<string, string>;
}

const MAX_LINE_BYTES = 8192;
const EMPTY_SHA256 = createHash('sha256').digest('hex');

/**
 * The payload inside an aws-chunked body: `<hex size>[;chunk-signature=…]CRLF <bytes> CRLF … 0 CRLF`,
 * then trailing headers
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html). Chunks stream through, so a
 * wrong signature is known only after its bytes: whoever reads must commit nothing before the end.
 * @throws {S3Error} `IncompleteBody` when the framing is wrong, `SignatureDoesNotMatch`.
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  { signed, trailers }: AwsChunkedOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const input = new ByteReader(source);
  const chain = signed === undefined ? undefined : new SignatureChain(signed);
  for (;;) {
    const { size, signature } = parseChunkHead(await input.line());
    const hash = chain && createHash('sha256');
    for await (const piece of input.take(size)) {
      hash?.update(piece);
      yield piece;
    }
    if (chain && hash) chain.verifyChunk(hash.digest('hex'), signature);
    if (size === 0) break;
    if ((await input.line()) !== '') throw new S3Error('IncompleteBody', 'A chunk is too long.');
  }
  await readTrailers(input, trailers, chain);
}

async function readTrailers(
  input: ByteReader,
  trailers: Map<string, string>,
  chain: SignatureChain | undefined,
): Promise<void> {
  let signature: string | undefined;
  for (let line = await input.line(); line !== ''; line = await input.line()) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') signature = value;
    else trailers.set(name, value);
  }
  if (chain && trailers.size > 0) chain.verifyTrailers(trailers, signature);
}

function parseChunkHead(line: string): { size: number; signature: string | undefined } {
  const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (match === null) throw new S3Error('IncompleteBody', 'A chunk does not begin with its size.');
  return { size: Number.parseInt(match[1] ?? '', 16), signature: match[2] };
}

/** Each signature covers the one before it, so that chunks cannot be swapped or left out. */
class SignatureChain {
  readonly #signed: VerifiedSignature;
  #previous: string;

  constructor(signed: VerifiedSignature) {
    this.#signed = signed;
    this.#previous = signed.signature;
  }

  verifyChunk(payloadHash: string, signature: string | undefined): void {
    this.#verify(['AWS4-HMAC-SHA256-PAYLOAD', EMPTY_SHA256, payloadHash], signature);
  }

  verifyTrailers(trailers: ReadonlyMap<string, string>, signature: string | undefined): void {
    const text = [...trailers].map(([name, value]) => `${name}:${value}\n`).join('');
    const hash = createHash('sha256').update(text).digest('hex');
    this.#verify(['AWS4-HMAC-SHA256-TRAILER', hash], signature);
  }

  #verify([kind = '', ...hashes]: readonly string[], signature: string | undefined): void {
    const { date, scope, signingKey } = this.#signed;
    const text = [kind, date, scope, this.#previous, ...hashes].join('\n');
    const expected = hmac(signingKey, text).toString('hex');
    if (!sameText(signature ?? '', expected)) throw new S3Error('SignatureDoesNotMatch');
    this.#previous = expected;
  }
}

/** Reads lines and counted bytes from a stream of buffers. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Up to the next CRLF, without it. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + 2);
        return line;
      }
      if (this.#rest.length > MAX_LINE_BYTES) {
        throw new S3Error('IncompleteBody', 'A line of the chunked body is too long.');
      }
      this.#rest = Buffer.concat([this.#rest, await this.#next()]);
    }
  }

  /** The next `count` bytes, in pieces. */
  async *take(count: number): AsyncGenerator<Buffer, void, undefined> {
    let missing = count;
    while (missing > 0) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }

  async #next(): Promise<Buffer> {
    const next = await this.#source.next();
    if (next.done === true) throw new S3Error('IncompleteBody', 'The chunked body ends too early.');
    return next.value;
  }
}
