import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

import type { Draft, Drafts } from './drafts.ts';
import { readFooter, readSlice } from './footer-file.ts';
import type { Footer } from './footer-file.ts';
import { S3Error } from './s3-error.ts';
import type { ObjectDescription } from './stored-object.ts';

/** What the object of an upload in parts will be, besides its bytes. */
export interface UploadPlan extends ObjectDescription {
  readonly key: string;
  readonly initiatedMs: number;
  /** Which checksum the object is to have, and whether of all bytes or of the parts' checksums. */
  readonly checksum?: { readonly name: string; readonly type: 'COMPOSITE' | 'FULL_OBJECT' };
}

/** One part that has arrived. */
export interface StoredPart extends Footer {
  readonly number: number;
  /** MD5, hexadecimal. */
  readonly etag: string;
  readonly lastModifiedMs: number;
  readonly checksums: Readonly<Record<string, string>>;
}

/** An upload in parts, under way. */
export interface Upload {
  readonly id: string;
  readonly plan: UploadPlan;
  readonly parts: ReadonlyMap<number, StoredPart>;
}

const PLAN_FILE = 'upload.json';

/** The uploads in parts of a bucket: a folder each, with a file for each part; durable as objects are. */
export class Uploads {
  readonly #dir: string;
  readonly #drafts: Drafts;
  readonly #uploads = new Map<string, Upload & { readonly parts: Map<number, StoredPart> }>();

  private constructor(dir: string, drafts: Drafts) {
    this.#dir = dir;
    this.#drafts = drafts;
  }

  /** Opens what an earlier process left in `dir`, or begins. */
  static async open(dir: string, drafts: Drafts): Promise<Uploads> {
    await mkdir(dir, { recursive: true });
    const uploads = new Uploads(dir, drafts);
    for (const id of await readdir(dir)) await uploads.#load(id);
    return uploads;
  }

  /** Every upload under way. */
  list(): readonly Upload[] {
    return [...this.#uploads.values()];
  }

  /** @throws {S3Error} `NoSuchUpload`. */
  find(key: string, id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload?.plan.key !== key) throw new S3Error('NoSuchUpload');
    return upload;
  }

  /** Begins an upload. */
  async begin(plan: UploadPlan): Promise<Upload> {
    const upload = { id: randomUUID(), plan, parts: new Map<number, StoredPart>() };
    const dir = join(this.#dir, upload.id);
    await mkdir(dir);
    const draft = await this.#drafts.write([Buffer.from(JSON.stringify(plan))]);
    await draft.file.sync();
    await draft.file.close();
    draft.moveTo(join(dir, PLAN_FILE));
    await syncFolder(dir);
    await syncFolder(this.#dir);
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  /** Adds a part, in place of one with its number. @throws {S3Error} `NoSuchUpload`. */
  async putPart(id: string, draft: Draft, part: StoredPart): Promise<void> {
    try {
      await draft.seal(part);
      const upload = this.#uploads.get(id);
      if (upload === undefined) throw new S3Error('NoSuchUpload');
      draft.moveTo(this.#path(id, part.number));
      upload.parts.set(part.number, part);
    } catch (error) {
      await draft.discard();
      throw error;
    }
    await syncFolder(join(this.#dir, id)).catch(toNoSuchUpload);
  }

  /**
   * The bytes of some parts, one after another.
   * @throws {S3Error} `InvalidPart` when a part has been replaced since, `NoSuchUpload`.
   */
  async *bytes(upload: Upload, parts: readonly StoredPart[]): AsyncGenerator<Buffer, void> {
    for (const part of parts) yield* this.#partBytes(upload, part);
  }

  /** Ends an upload and removes its parts; the object, if it became one, stays. */
  async remove(id: string): Promise<void> {
    this.#uploads.delete(id);
    // Without its plan it is none any more, whenever the rest goes.
    await rm(join(this.#dir, id, PLAN_FILE), { force: true });
    await syncFolder(join(this.#dir, id)).catch(ignoreMissing);
    await rm(join(this.#dir, id), { recursive: true, force: true });
  }

  #partBytes(upload: Upload, part: StoredPart): Readable {
    if (!this.#uploads.has(upload.id)) throw new S3Error('NoSuchUpload');
    if (upload.parts.get(part.number) !== part) throw new S3Error('InvalidPart');
    return readSlice(this.#path(upload.id, part.number), { start: 0, end: part.sizeBytes - 1 });
  }

  async #load(id: string): Promise<void> {
    const dir = join(this.#dir, id);
    const text = await readFile(join(dir, PLAN_FILE), 'utf8').catch(ignoreMissing);
    if (text === undefined) {
      await rm(dir, { recursive: true, force: true });
      return;
    }
    const parts = new Map<number, StoredPart>();
    for (const name of await readdir(dir)) {
      if (name === PLAN_FILE) continue;
      const footer = await readFooter(join(dir, name));
      if (footer === undefined) throw new Error(`${join(dir, name)} is not a part of an upload`);
      // Written by `putPart`, under its number.
      const part = footer as StoredPart;
      parts.set(part.number, part);
    }
    this.#uploads.set(id, { id, plan: JSON.parse(text) as UploadPlan, parts });
  }

  #path(id: string, number: number): string {
    return join(this.#dir, id, String(number));
  }
}

async function syncFolder(dir: string): Promise<void> {
  await using folder = await open(dir);
  await folder.sync();
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

function toNoSuchUpload(cause: NodeJS.ErrnoException): never {
  throw cause.code === 'ENOENT' ? new S3Error('NoSuchUpload', undefined, { cause }) : cause;
}
