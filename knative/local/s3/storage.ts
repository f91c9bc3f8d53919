import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { Bucket } from './bucket.ts';
import { S3Error } from './s3-error.ts';
import { Sequencer } from './sequencer.ts';

/** Begins the name of a folder whose bucket was deleted; no bucket can have it. */
const GONE = '.gone-';
const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/;

/** One line of the list of buckets. */
export interface BucketEntry {
  readonly name: string;
  readonly createdMs: number;
}

/** All buckets below one data folder. */
export class Storage {
  readonly sequencer = new Sequencer();
  readonly #dir: string;
  readonly #buckets = new Map<string, { readonly bucket: Bucket; readonly createdMs: number }>();

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Opens what an earlier process left in `dataDir`, or begins. */
  static async open(dataDir: string): Promise<Storage> {
    const dir = join(dataDir, 'buckets');
    await mkdir(dir, { recursive: true });
    const storage = new Storage(dir);
    for (const name of await readdir(dir)) {
      if (name.startsWith(GONE)) await rm(join(dir, name), { recursive: true, force: true });
      else if (BUCKET_NAME.test(name)) await storage.#open(name);
    }
    return storage;
  }

  /** @throws {S3Error} `NoSuchBucket`. */
  bucket(name: string): Bucket {
    const found = this.#buckets.get(name);
    if (found === undefined) throw new S3Error('NoSuchBucket');
    return found.bucket;
  }

  /** Every bucket, by name. */
  list(): BucketEntry[] {
    return [...this.#buckets]
      .map(([name, { createdMs }]) => ({ name, createdMs }))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** @throws {S3Error} `InvalidBucketName`, `BucketAlreadyOwnedByYou`. */
  async createBucket(name: string): Promise<void> {
    if (!BUCKET_NAME.test(name)) throw new S3Error('InvalidBucketName');
    if (this.#buckets.has(name)) throw new S3Error('BucketAlreadyOwnedByYou');
    await mkdir(join(this.#dir, name)).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EEXIST')
        throw new S3Error('BucketAlreadyOwnedByYou', undefined, { cause });
      throw cause;
    });
    await this.#open(name);
    await this.#sync();
  }

  /** Deletes a bucket that has no objects, and the uploads it may have. @throws {S3Error} `BucketNotEmpty`. */
  async deleteBucket(name: string): Promise<void> {
    const bucket = this.bucket(name);
    bucket.markGone();
    const gone = join(this.#dir, GONE + randomUUID());
    await rename(join(this.#dir, name), gone);
    this.#buckets.delete(name);
    await this.#sync();
    await bucket.close();
    await rm(gone, { recursive: true, force: true });
  }

  /** Releases every folder. */
  async close(): Promise<void> {
    for (const { bucket } of this.#buckets.values()) await bucket.close();
  }

  async #sync(): Promise<void> {
    await using folder = await open(this.#dir);
    await folder.sync();
  }

  async #open(name: string): Promise<void> {
    const dir = join(this.#dir, name);
    const { birthtimeMs } = await stat(dir);
    this.#buckets.set(name, {
      bucket: await Bucket.open(dir, this.sequencer),
      createdMs: birthtimeMs,
    });
  }
}
