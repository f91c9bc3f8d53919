import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import { decodeAwsChunked } from './aws-chunked.ts';
import { CHECKSUMS } from './checksums.ts';
import type { Checksum } from './checksums.ts';
import { notImplemented, S3Error } from './s3-error.ts';
import { parameter } from './s3-request.ts';
import type { S3Request } from './s3-request.ts';
import type { VerifiedSignature } from './sigv4.ts';

const CHECKSUM_HEADER = 'x-amz-checksum-';

/** What the client announced of the body's shape and content. */
interface Announced {
  readonly sizeBytes: number;
  readonly sha256: string | undefined;
  readonly md5: Buffer | undefined;
  /** Chunks of the aws-chunked form; `signed` when each of them is. */
  readonly chunked: 'no' | 'unsigned' | 'signed';
  /** The checksum's name and, unless it comes in a trailer, its value. */
  readonly checksum: { readonly name: string; readonly value: string | undefined } | undefined;
}

/**
 * The payload of a request, streamed. Iterating ends only when the length and every digest the client
 * gave hold; otherwise it throws an {@link S3Error}. `sizeBytes`, `md5` and `checksums` are final then.
 */
export class VerifiedBody implements AsyncIterable<Buffer> {
  sizeBytes = 0;
  /** Hexadecimal. */
  md5 = '';
  /** Checksum name to base64 value, as the client sent it and we verified it. */
  readonly checksums: Record<string, string> = {};
  readonly #request: S3Request;
  readonly #response: ServerResponse;
  readonly #signature: VerifiedSignature;
  readonly #announced: Announced;

  /** @throws {S3Error} When what the client announces is not acceptable; nothing is read before. */
  constructor(request: S3Request, response: ServerResponse, signature: VerifiedSignature) {
    this.#request = request;
    this.#response = response;
    this.#signature = signature;
    this.#announced = announcedBy(request, signature.payloadHash);
  }

  /** The length the client announced. */
  get announcedBytes(): number {
    return this.#announced.sizeBytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    const { sizeBytes, sha256, checksum } = this.#announced;
    if (this.#request.headers.has('expect')) this.#response.writeContinue();
    const trailers = new Map<string, string>();
    const md5 = createHash('md5');
    const sha = sha256 === undefined ? undefined : createHash('sha256');
    const sum = checksum && CHECKSUMS[checksum.name]?.();
    for await (const chunk of this.#payload(trailers)) {
      this.sizeBytes += chunk.length;
      if (this.sizeBytes > sizeBytes) throw new S3Error('IncompleteBody');
      md5.update(chunk);
      sha?.update(chunk);
      sum?.update(chunk);
      yield chunk;
    }
    if (this.sizeBytes !== sizeBytes) throw new S3Error('IncompleteBody');
    if (sha && sha.digest('hex') !== sha256) throw new S3Error('XAmzContentSHA256Mismatch');
    this.#checkMd5(md5.digest());
    if (checksum && sum) this.#checkChecksum(checksum, sum, trailers);
  }

  /** All bytes, for the small bodies of bucket operations. @throws {S3Error} Above `maxBytes`. */
  async bytes(maxBytes: number): Promise<Buffer> {
    if (this.announcedBytes > maxBytes) throw new S3Error('EntityTooLarge');
    const chunks: Buffer[] = [];
    for await (const chunk of this) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  #payload(trailers: Map<string, string>): AsyncIterable<Buffer> {
    // Left half read, the stream must stay open: its socket carries the error to the client.
    const incoming: AsyncIterable<Buffer> = this.#request.incoming.iterator({
      destroyOnReturn: false,
    });
    if (this.#announced.chunked === 'no') return incoming;
    const signed = this.#announced.chunked === 'signed' ? { signed: this.#signature } : {};
    return decodeAwsChunked(incoming, { trailers, ...signed });
  }

  #checkMd5(actual: Buffer): void {
    const expected = this.#announced.md5;
    if (expected !== undefined && !expected.equals(actual)) throw new S3Error('BadDigest');
    this.md5 = actual.toString('hex');
  }

  #checkChecksum(
    { name, value }: NonNullable<Announced['checksum']>,
    sum: Checksum,
    trailers: ReadonlyMap<string, string>,
  ): void {
    const expected = value ?? trailers.get(CHECKSUM_HEADER + name);
    if (expected === undefined) {
      throw new S3Error('InvalidRequest', `The trailer ${CHECKSUM_HEADER}${name} is missing.`);
    }
    if (expected !== sum.digest().toString('base64')) {
      throw new S3Error('BadDigest', `The ${name} you specified did not match the body received.`);
    }
    this.checksums[name] = expected;
  }
}

const CHUNKED_FORMS: Readonly<Record<string, Announced['chunked']>> = {
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': 'unsigned',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': 'signed',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': 'signed',
};

function announcedBy(request: S3Request, payloadHash: string): Announced {
  const { headers } = request;
  const chunked = CHUNKED_FORMS[payloadHash] ?? 'no';
  if (payloadHash.startsWith('STREAMING-') && chunked === 'no') {
    throw notImplemented(`x-amz-content-sha256 ${payloadHash}`);
  }
  const isDigest = /^[0-9a-f]{64}$/.test(payloadHash);
  if (chunked === 'no' && !isDigest && payloadHash !== 'UNSIGNED-PAYLOAD') {
    throw new S3Error('InvalidArgument', 'x-amz-content-sha256 is not one of its forms.');
  }
  return {
    sizeBytes: announcedSize(headers, chunked !== 'no'),
    sha256: isDigest ? payloadHash : undefined,
    md5: md5Of(headers.get('content-md5')),
    chunked,
    checksum: isAboutObject(request) ? undefined : checksumOf(headers),
  };
}

function announcedSize(headers: S3Request['headers'], chunked: boolean): number {
  const name = chunked ? 'x-amz-decoded-content-length' : 'content-length';
  const value = headers.get(name);
  // A request without a body, such as a GET, needs no length; one with an unknown length has none.
  if (value === undefined && !chunked && !headers.has('transfer-encoding')) return 0;
  if (value === undefined) throw new S3Error('MissingContentLength');
  if (!/^\d{1,15}$/.test(value)) throw new S3Error('InvalidArgument', `${name} is not a length.`);
  return Number(value);
}

function md5Of(header: string | undefined): Buffer | undefined {
  if (header === undefined) return undefined;
  const bytes = Buffer.from(header, 'base64');
  if (bytes.length !== 16) throw new S3Error('InvalidDigest');
  return bytes;
}

/** At the end of an upload in parts, a checksum is that of the object that it makes, not of the list of parts. */
function isAboutObject(request: S3Request): boolean {
  return request.method === 'POST' && parameter(request, 'uploadId') !== undefined;
}

function checksumOf(headers: S3Request['headers']): Announced['checksum'] {
  const trailer = headers.get('x-amz-trailer')?.trim().toLowerCase();
  const candidates = [
    ...[...headers].filter(([name]) => name.startsWith(CHECKSUM_HEADER)),
    ...(trailer === undefined ? [] : [[trailer, undefined] as const]),
  ]
    .map(([name, value]) => ({ name: name.slice(CHECKSUM_HEADER.length), value }))
    // Not values but words about one.
    .filter(({ name }) => !['algorithm', 'mode', 'type'].includes(name));
  if (candidates.length > 1) {
    throw new S3Error('InvalidRequest', 'Expecting a single x-amz-checksum- header.');
  }
  const [checksum] = candidates;
  if (checksum !== undefined && !Object.hasOwn(CHECKSUMS, checksum.name)) {
    throw notImplemented(`The checksum ${CHECKSUM_HEADER}${checksum.name}`);
  }
  return checksum;
}
