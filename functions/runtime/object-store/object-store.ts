import type { Readable } from 'node:stream';

/** What the store says of one object. */
export interface ObjectMeta {
  readonly key: string;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly versionId?: string;
  readonly lastModified: Date;
  /** The store's own clock as it answered, in whole seconds; 1970 when it does not tell. */
  readonly servedAt: Date;
  readonly contentType?: string;
  /** User metadata; names in lower case. */
  readonly user: Readonly<Record<string, string>>;
}

/** One line of a listing. */
export interface ObjectEntry {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModified: Date;
}

/** Options that every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** What part of an object to read, and of which state of it. */
export interface GetOptions extends CallOptions {
  /** First and last byte, both included; without `end`, to the end. */
  readonly range?: { readonly start: number; readonly end?: number };
  /** Only when the object still has this ETag (without quotes). */
  readonly ifMatch?: string;
  readonly versionId?: string;
}

/** What a successful write is known by. */
export interface Written {
  /** Without quotes. */
  readonly etag: string;
  readonly versionId?: string;
  /** The store's own clock as it answered, in whole seconds; 1970 when it does not tell. */
  readonly servedAt: Date;
}

/** How to write an object. At most one of the two conditions may be given. */
export interface PutOptions extends CallOptions {
  readonly contentType?: string;
  readonly user?: Readonly<Record<string, string>>;
  /** Create only: fails with `PreconditionFailedError` when the key exists. */
  readonly ifNoneMatch?: '*';
  /** Replace only this state of the object (ETag without quotes). */
  readonly ifMatch?: string;
}

/**
 * Objects in one bucket, over the S3 API. Every method rejects with an {@link ObjectStoreError}
 * (see `errors.ts` beside this file); `NotFound` and `PreconditionFailed` have classes of their own.
 */
export interface ObjectStore {
  readonly bucket: string;
  /** The object's metadata, or `undefined` when there is none; a missing bucket looks the same. */
  head(
    key: string,
    options?: CallOptions & { readonly versionId?: string },
  ): Promise<ObjectMeta | undefined>;
  /**
   * A stream of the bytes, which fails with an `ObjectStoreError` too. The caller reads it to the end or
   * destroys it. `meta.sizeBytes` is the size of the whole object, also when a range was asked for.
   */
  get(key: string, options?: GetOptions): Promise<{ meta: ObjectMeta; body: Readable }>;
  /** The whole object in memory, refused above `maxBytes`. */
  getBytes(
    key: string,
    options: GetOptions & { readonly maxBytes: number },
  ): Promise<{ meta: ObjectMeta; bytes: Buffer }>;
  /**
   * Writes whole bytes; the answer means they are stored. A conditional write whose answer got lost is
   * found again by the writer's mark it carries, so a 412 always means that somebody else won.
   */
  put(key: string, body: Uint8Array | string, options?: PutOptions): Promise<Written>;
  /**
   * The same with bytes as they come, of any number: no more than 32 MiB of them are held at a time. Nothing is at the key
   * until all of them are stored, and nothing stays where `pieces` fails.
   */
  putStream(key: string, pieces: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<Written>;
  /** Deletes; a key that does not exist is no error. */
  delete(key: string, options?: CallOptions): Promise<void>;
  /** Every object below `prefix`, in UTF-8 byte order, page by page. */
  list(
    options: { readonly prefix: string; readonly after?: string } & CallOptions,
  ): AsyncIterable<ObjectEntry>;
  /** Closes idle connections. */
  close(): void;
}

/** The bytes of an answer, which are lent piece by piece. */
export interface LentBody {
  /**
   * Hands all of it to `onPiece`, in order, once; the memory of a piece is used again as soon as that returns.
   * Rejects when the answer breaks off, or with what `onPiece` throws.
   */
  lend(onPiece: (piece: Buffer) => void): Promise<void>;
  /** Ends the answer, whatever is left of it. */
  destroy(error?: Error): void;
}

/** What reading takes. */
export interface ObjectReader extends Pick<ObjectStore, 'bucket' | 'get' | 'close'> {
  /** As `get`, for large objects: the fastest way into somebody's memory, where there is one. */
  download?(key: string, options?: GetOptions): Promise<{ meta: ObjectMeta; body: LentBody }>;
}
