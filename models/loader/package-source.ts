import type { LentBody } from '../../functions/runtime/object-store/object-store.ts';

/** What to read of a file, and of which state of it. */
export interface OpenOptions {
  /** Bytes to leave out at the beginning. */
  readonly start: number;
  /** The last byte that is wanted, counted from the beginning of the file. @default the file's last */
  readonly end?: number;
  /** Only this state of the file; anything else is a `PreconditionFailedError`. */
  readonly etag?: string;
  readonly signal: AbortSignal;
}

/** An answer: the bytes from `start` to `end`. The reader takes them to the end or destroys `body`. */
export interface OpenedFile {
  /** Of the whole file, also when `start` is above 0. */
  readonly sizeBytes: number;
  readonly etag: string;
  readonly body: LentBody;
}

/** Where a package's files come from. */
export interface PackageSource {
  /** For messages: `s3://models/_shared/iris/1`. */
  readonly uri: string;
  /** @throws {ObjectStoreError} When the file cannot be opened; `transient` says whether to try again. */
  open(name: string, options: OpenOptions): Promise<OpenedFile>;
  close(): void;
}
