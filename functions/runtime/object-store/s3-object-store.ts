import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';

import type { S3Client } from '@aws-sdk/client-s3';

import { bodyStream, readExactly } from './body-stream.ts';
import { ObjectNotFoundError, ObjectStoreError, PreconditionFailedError } from './errors.ts';
import type {
  CallOptions,
  GetOptions,
  ObjectEntry,
  ObjectMeta,
  ObjectStore,
  PutOptions,
  Written,
} from './object-store.ts';
import { inParts, putParts } from './put-parts.ts';
import { attemptsOf, entryOf, metaOf, WRITER, writtenOf } from './s3-answers.ts';
import { openS3Client } from './s3-client.ts';
import type { ObjectStoreLimits, ObjectStoreSettings } from './s3-client.ts';
import { sdk } from './sdk.ts';
import { toObjectStoreError } from './to-object-store-error.ts';
import type { Attempt } from './to-object-store-error.ts';

/** Bytes of a part: 10,000 of them at most are one object. */
const PART_BYTES = 16 * 1024 * 1024;

/**
 * The bucket behind `settings`, over the S3 API. Opening connects to nothing. Without credentials in
 * `settings`, the SDK looks for them where it always does.
 *
 * Loading this module loads the SDK (about 90 ms): import it dynamically on the way to a first answer.
 */
export function openObjectStore(
  settings: ObjectStoreSettings,
  bucket: string,
  limits: ObjectStoreLimits = {},
): ObjectStore {
  return new S3ObjectStore(settings, bucket, limits);
}

class S3ObjectStore implements ObjectStore {
  readonly bucket: string;
  readonly #client: S3Client;

  constructor(settings: ObjectStoreSettings, bucket: string, limits: ObjectStoreLimits) {
    this.bucket = bucket;
    this.#client = openS3Client(settings, limits);
  }

  async head(
    key: string,
    { versionId, signal }: CallOptions & { readonly versionId?: string } = {},
  ): Promise<ObjectMeta | undefined> {
    try {
      const command = new sdk.HeadObjectCommand({
        Bucket: this.bucket,
        Key: key,
        VersionId: versionId,
      });
      return metaOf(key, await this.#client.send(command, sendOptions(signal)));
    } catch (cause) {
      const error = toObjectStoreError(cause, this.#attempt('HEAD', key, { signal }));
      if (error instanceof ObjectNotFoundError) return undefined;
      throw error;
    }
  }

  async get(
    key: string,
    { range, ifMatch, versionId, signal }: GetOptions = {},
  ): Promise<{ meta: ObjectMeta; body: Readable }> {
    const { meta, body } = await this.#get(key, { range, ifMatch, versionId, signal });
    return { meta, body };
  }

  async getBytes(
    key: string,
    { maxBytes, ...options }: GetOptions & { readonly maxBytes: number },
  ): Promise<{ meta: ObjectMeta; bytes: Buffer }> {
    const { meta, body, bodyBytes } = await this.#get(key, options);
    const { action } = this.#attempt('GET', key, {});
    if (bodyBytes > maxBytes) {
      body.destroy();
      const message = `${action}: ${bodyBytes} bytes, more than the ${maxBytes} allowed`;
      throw new ObjectStoreError(message, { code: 'TooLarge', transient: false });
    }
    const bytes = await readExactly(body, bodyBytes);
    if (bytes === undefined) {
      const message = `${action}: the body does not have the length that was announced`;
      throw new ObjectStoreError(message, { code: 'WrongLength', transient: true });
    }
    return { meta, bytes };
  }

  async put(
    key: string,
    body: Uint8Array | string,
    { contentType, user, ifNoneMatch, ifMatch, signal }: PutOptions = {},
  ): Promise<Written> {
    return await this.#write(key, { user, ifNoneMatch, ifMatch, signal }, async (Metadata) => {
      const command = new sdk.PutObjectCommand({
        Bucket: this.bucket,
        Key: key,
        Body: bytesOf(body),
        ContentType: contentType,
        Metadata,
        IfNoneMatch: ifNoneMatch,
        IfMatch: ifMatch === undefined ? undefined : `"${ifMatch}"`,
      });
      return writtenOf(await this.#client.send(command, sendOptions(signal)));
    });
  }

  async putStream(
    key: string,
    pieces: AsyncIterable<Uint8Array>,
    options: PutOptions = {},
  ): Promise<Written> {
    const { contentType, ifNoneMatch, ifMatch, signal } = options;
    const parts = inParts(pieces, PART_BYTES);
    const first = (await parts.next()).value ?? Buffer.alloc(0);
    const second = await parts.next();
    // A part that is not the last has to be large: a small object is put as it is.
    if (second.done === true) return await this.put(key, first, options);
    const all = chain([first, second.value], parts);
    return await this.#write(key, options, (metadata) =>
      putParts(this.#client, { Bucket: this.bucket, Key: key }, all, {
        contentType,
        metadata,
        ifNoneMatch,
        ifMatch,
        signal,
      }),
    );
  }

  async delete(key: string, { signal }: CallOptions = {}): Promise<void> {
    try {
      const command = new sdk.DeleteObjectCommand({ Bucket: this.bucket, Key: key });
      await this.#client.send(command, sendOptions(signal));
    } catch (cause) {
      throw toObjectStoreError(cause, this.#attempt('DELETE', key, { signal }));
    }
  }

  async *list({
    prefix,
    after,
    signal,
  }: { readonly prefix: string; readonly after?: string } & CallOptions): AsyncGenerator<
    ObjectEntry,
    void,
    undefined
  > {
    let token: string | undefined;
    do {
      const page = await this.#page({ prefix, after, token, signal });
      for (const entry of page.entries) yield entry;
      // A page may be short and still not the last: only the token says.
      token = page.next;
    } while (token !== undefined);
  }

  close(): void {
    this.#client.destroy();
  }

  async #get(
    key: string,
    { range, ifMatch, versionId, signal }: WithUndefined<GetOptions>,
  ): Promise<{ meta: ObjectMeta; body: Readable; bodyBytes: number }> {
    const attempt = this.#attempt('GET', key, { signal });
    const toError = (cause: unknown): ObjectStoreError => toObjectStoreError(cause, attempt);
    try {
      const command = new sdk.GetObjectCommand({
        Bucket: this.bucket,
        Key: key,
        Range: range === undefined ? undefined : `bytes=${range.start}-${range.end ?? ''}`,
        IfMatch: ifMatch === undefined ? undefined : `"${ifMatch}"`,
        VersionId: versionId,
      });
      const answer = await this.#client.send(command, sendOptions(signal));
      if (!(answer.Body instanceof Readable)) throw new TypeError('The SDK gave no stream');
      const body = bodyStream(answer.Body, toError);
      if (range !== undefined && answer.ContentRange === undefined) {
        body.destroy();
        const message = `${attempt.action}: the store ignored the range`;
        throw new ObjectStoreError(message, { code: 'RangeIgnored', transient: false });
      }
      return { meta: metaOf(key, answer), body, bodyBytes: answer.ContentLength ?? 0 };
    } catch (cause) {
      throw toError(cause);
    }
  }

  /** A write that carries who wrote it where it has a condition. */
  async #write(
    key: string,
    { user, ifNoneMatch, ifMatch, signal }: WithUndefined<PutOptions>,
    send: (metadata: Record<string, string>) => Promise<Written>,
  ): Promise<Written> {
    const conditional = ifNoneMatch !== undefined || ifMatch !== undefined;
    const writer = conditional ? randomUUID() : undefined;
    try {
      return await send({ ...user, ...(writer === undefined ? {} : { [WRITER]: writer }) });
    } catch (cause) {
      const error = toObjectStoreError(cause, this.#attempt('PUT', key, { signal, conditional }));
      const isRefused = error instanceof PreconditionFailedError || error.code === 'NoSuchUpload';
      if (writer === undefined || !isRefused) throw error;
      const own = await this.#ownWrite(key, { writer, cause, signal });
      if (own === undefined) throw error;
      return own;
    }
  }

  /**
   * After 412: when the store took a first attempt whose answer got lost, the SDK's own second attempt
   * fails on it. Then the object carries our writer id, and the write has succeeded after all.
   */
  async #ownWrite(
    key: string,
    { writer, cause, signal }: { writer: string; cause: unknown; signal: AbortSignal | undefined },
  ): Promise<Written | undefined> {
    if (attemptsOf(cause) === 1) return undefined;
    try {
      const command = new sdk.HeadObjectCommand({ Bucket: this.bucket, Key: key });
      const answer = await this.#client.send(command, sendOptions(signal));
      return answer.Metadata?.[WRITER] === writer ? writtenOf(answer) : undefined;
    } catch (headCause) {
      const error = toObjectStoreError(headCause, this.#attempt('HEAD', key, { signal }));
      // Whose object it is stays unknown: the caller must ask again, not believe in a lost race.
      if (error.transient) throw error;
      return undefined;
    }
  }

  async #page(from: {
    readonly prefix: string;
    readonly after: string | undefined;
    readonly token: string | undefined;
    readonly signal: AbortSignal | undefined;
  }): Promise<{ entries: ObjectEntry[]; next: string | undefined }> {
    try {
      const command = new sdk.ListObjectsV2Command({
        Bucket: this.bucket,
        Prefix: from.prefix,
        StartAfter: from.after,
        ContinuationToken: from.token,
        // Keys may hold characters that XML cannot.
        EncodingType: 'url',
      });
      const answer = await this.#client.send(command, sendOptions(from.signal));
      const entries = (answer.Contents ?? []).map(entryOf);
      return { entries, next: answer.NextContinuationToken };
    } catch (cause) {
      throw toObjectStoreError(cause, this.#attempt('LIST', from.prefix, { signal: from.signal }));
    }
  }

  #attempt(verb: string, key: string, more: Omit<Attempt, 'action'>): Attempt {
    return { action: `${verb} s3://${this.bucket}/${key}`, ...more };
  }
}

type WithUndefined<T> = { readonly [K in keyof T]: T[K] | undefined };

function sendOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** A string, and above all the empty one, would reach the SDK as a stream of unknown length. */
function bytesOf(body: Uint8Array | string): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}

async function* chain<T>(begin: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T, void> {
  yield* begin;
  yield* rest;
}
