import { createHash, randomUUID } from 'node:crypto';
import { openSync, renameSync, rmSync } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { KeyIndex } from './key-index.ts';
import { readFooter, writeFooter } from './object-file.ts';
import type { StoredObject } from './object-file.ts';

/** An object written in full but not yet visible; `commit` or `discard` it. */
export interface Draft {
  readonly path: string;
  readonly object: StoredObject;
}

/** Throws when the object now stored under a key (undefined: none) forbids the change. */
export type Condition = (current: StoredObject | undefined) => void;

const OPEN_AT_ONCE = 64;

/**
 * Objects in one folder: a file each (`object-file.ts`), named by the sha256 of its key, and an index in
 * memory. A change is durable before it is acknowledged, and readers see the old object or the new one.
 */
export class Bucket {
  readonly index = new KeyIndex<StoredObject>();
  readonly #objects: string;
  readonly #drafts: string;
  readonly #folder: FileHandle;

  private constructor(dir: string, folder: FileHandle) {
    this.#objects = join(dir, 'objects');
    this.#drafts = join(dir, 'drafts');
    this.#folder = folder;
  }

  /** Opens or creates the bucket in `dir`; drafts of an earlier process are removed. */
  static async open(dir: string): Promise<Bucket> {
    await rm(join(dir, 'drafts'), { recursive: true, force: true });
    await mkdir(join(dir, 'objects'), { recursive: true });
    await mkdir(join(dir, 'drafts'));
    const bucket = new Bucket(dir, await open(join(dir, 'objects')));
    await bucket.#load();
    return bucket;
  }

  /** Writes `bytes` aside; `describe` is asked once they have all arrived. */
  async draft(bytes: AsyncIterable<Buffer>, describe: () => StoredObject): Promise<Draft> {
    const path = join(this.#drafts, randomUUID());
    try {
      await using file = await open(path, 'wx');
      for await (const chunk of bytes) await writeAll(file, chunk);
      const object = describe();
      await writeFooter(file, object);
      return { path, object };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  /**
   * Makes a draft the object of its key. `condition` sees what it replaces; nothing can come between
   * that look and the replacement, so of several racers exactly one wins.
   */
  async commit(draft: Draft, condition: Condition): Promise<void> {
    const { key } = draft.object;
    try {
      // No await from here …
      condition(this.index.get(key));
      renameSync(draft.path, this.#path(key));
      this.index.set(key, draft.object);
      // … to here.
    } catch (error) {
      await this.discard(draft);
      throw error;
    }
    await this.#folder.sync();
  }

  /** Removes a draft. */
  async discard(draft: Draft): Promise<void> {
    await rm(draft.path, { force: true });
  }

  /** Removes an object if it is there. */
  async remove(key: string): Promise<void> {
    if (this.index.get(key) === undefined) return;
    rmSync(this.#path(key));
    this.index.delete(key);
    await this.#folder.sync();
  }

  /**
   * The object and a file descriptor on its bytes, opened in the same turn: whatever happens to the key
   * afterwards, the descriptor keeps these bytes. The caller closes it.
   */
  openObject(key: string): { readonly object: StoredObject; readonly fd: number } | undefined {
    const object = this.index.get(key);
    return object && { object, fd: openSync(this.#path(key), 'r') };
  }

  /** Releases the folder. */
  async close(): Promise<void> {
    await this.#folder.close();
  }

  async #load(): Promise<void> {
    const names = await readdir(this.#objects);
    const found: StoredObject[] = [];
    for (let start = 0; start < names.length; start += OPEN_AT_ONCE) {
      const batch = names.slice(start, start + OPEN_AT_ONCE);
      const objects = await Promise.all(batch.map((name) => this.#loadFile(name)));
      for (const object of objects) found.push(object);
    }
    this.index.fill(found.map((object) => [object.key, object]));
  }

  async #loadFile(name: string): Promise<StoredObject> {
    const path = join(this.#objects, name);
    const object = await readFooter(path);
    if (object === undefined || this.#path(object.key) !== path) {
      // Renamed only once whole, so this is a damaged disk or a stranger's file, never a crash of ours.
      throw new Error(`${path} is not an object file; move it away to start without it`);
    }
    return object;
  }

  /** Hashed: no key can leave the folder, be too long for it, or be both a file and a folder. */
  #path(key: string): string {
    return join(this.#objects, createHash('sha256').update(key).digest('hex'));
  }
}

async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let offset = 0; offset < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, offset);
    offset += bytesWritten;
  }
}
