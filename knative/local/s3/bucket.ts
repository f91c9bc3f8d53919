import { createHash, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

import { readSettings, writeSettings } from './bucket-settings.ts';
import type { BucketSettings } from './bucket-settings.ts';
import type { ByteRange } from './byte-range.ts';
import { Drafts } from './drafts.ts';
import type { Draft } from './drafts.ts';
import { readFooter, readSlice } from './footer-file.ts';
import { KeyLocks } from './key-locks.ts';
import { ObjectIndex } from './object-index.ts';
import { S3Error } from './s3-error.ts';
import type { Sequencer } from './sequencer.ts';
import { emptyContent, objectInFooter } from './stored-object.ts';
import type { ObjectContent, StoredObject } from './stored-object.ts';
import { Uploads } from './uploads.ts';

/** Throws when the object now stored under a key (undefined: none) forbids the change. */
export type Condition = (current: StoredObject | undefined) => void;

/** What a delete did. */
export interface Removal {
  /** The version that has gone, or the delete marker that was added; undefined when neither. */
  readonly object: StoredObject | undefined;
  /** Of the delete, not of the object: who hears of both must see which came later. */
  readonly sequencer: string;
}

/** What is to go of one key. */
export interface Due {
  /** The object itself: deleted as a client would delete it. */
  readonly expired: StoredObject | undefined;
  /** Versions and delete markers, which go for good. */
  readonly versions: readonly StoredObject[];
}

/** One thing that went. */
export interface Pruned {
  /** Undefined when the object itself was deleted. */
  readonly versionId: string | undefined;
  readonly removal: Removal;
}

const OPEN_AT_ONCE = 64;
const NULL_VERSION = 'null';

interface Parts {
  readonly dir: string;
  readonly folder: FileHandle;
  readonly drafts: Drafts;
  readonly uploads: Uploads;
  readonly settings: BucketSettings;
  readonly sequencer: Sequencer;
}

/**
 * Objects in one folder: a file for each version (`footer-file.ts`), named by the sha256 of its key, and
 * an index in memory. A change is durable before it is acknowledged, and readers see the old object or
 * the new one.
 */
export class Bucket {
  readonly index = new ObjectIndex();
  readonly drafts: Drafts;
  readonly uploads: Uploads;
  readonly #dir: string;
  readonly #folder: FileHandle;
  readonly #sequencer: Sequencer;
  readonly #locks = new KeyLocks();
  #settings: BucketSettings;
  #isGone = false;

  private constructor({ dir, folder, drafts, uploads, settings, sequencer }: Parts) {
    this.#dir = dir;
    this.#folder = folder;
    this.drafts = drafts;
    this.uploads = uploads;
    this.#settings = settings;
    this.#sequencer = sequencer;
  }

  /** Opens or creates the bucket in `dir`; drafts of an earlier process are removed. */
  static async open(dir: string, sequencer: Sequencer): Promise<Bucket> {
    await mkdir(join(dir, 'objects'), { recursive: true });
    const drafts = await Drafts.open(join(dir, 'drafts'));
    const bucket = new Bucket({
      dir,
      folder: await open(join(dir, 'objects')),
      drafts,
      uploads: await Uploads.open(join(dir, 'uploads'), drafts),
      settings: await readSettings(dir),
      sequencer,
    });
    await bucket.#load();
    return bucket;
  }

  /** What configuration calls have set. */
  get settings(): BucketSettings {
    return this.#settings;
  }

  /** Changes some settings. */
  async configure(changes: Partial<BucketSettings>): Promise<void> {
    await this.#locks.run('', async () => {
      const settings = { ...this.#settings, ...changes };
      await writeSettings(this.#dir, settings);
      this.#settings = settings;
    });
  }

  /**
   * Makes a draft an object, or a new version of it. `condition` sees what it replaces; nothing can
   * come between that look and the replacement, so of several racers exactly one wins.
   */
  async commit(draft: Draft, content: ObjectContent, condition: Condition): Promise<StoredObject> {
    try {
      return await this.#locks.run(content.key, async () => {
        condition(this.index.visible.get(content.key));
        const versionId = this.#settings.versioning === 'Enabled' ? randomUUID() : NULL_VERSION;
        return this.#place(draft, { ...content, versionId, ...this.#now() });
      });
    } catch (error) {
      await draft.discard();
      throw error;
    }
  }

  /** Deletes an object if it is there; in a bucket with versions that adds a delete marker. */
  async remove(key: string): Promise<Removal> {
    return this.#locks.run(key, () => this.#remove(key));
  }

  /** Removes one version or delete marker for good, if it is there. */
  async removeVersion(key: string, versionId: string): Promise<Removal> {
    return this.#locks.run(key, () => this.#erase(this.index.find(key, versionId)));
  }

  /** Removes what `decide` says of a key's versions, newest first, and of those that are there by then. */
  async prune(key: string, decide: (versions: readonly StoredObject[]) => Due): Promise<Pruned[]> {
    return this.#locks.run(key, async () => {
      const { versions, expired } = decide(this.index.versions.get(key) ?? []);
      const pruned: Pruned[] = [];
      for (const version of versions) {
        pruned.push({ versionId: version.versionId, removal: await this.#erase(version) });
      }
      if (expired !== undefined) {
        pruned.push({ versionId: undefined, removal: await this.#remove(key) });
      }
      return pruned;
    });
  }

  /** Changes the tags of one version, which keeps its bytes, times and place among the versions. */
  async retag(object: StoredObject, tags: StoredObject['tags']): Promise<StoredObject> {
    return this.#locks.run(object.key, async () => {
      const current = this.index.find(object.key, object.versionId);
      if (current === undefined) throw new S3Error('NoSuchKey');
      // In one file with its bytes, which are therefore written again.
      const draft = await this.drafts.write(this.readBytes(current));
      return this.#place(draft, { ...current, tags });
    });
  }

  /**
   * The bytes of an object, or of one range, that was found in the index in this very turn: they stay
   * these, whatever happens to the key afterwards. Must be read or destroyed.
   */
  readBytes({ key, versionId, sizeBytes }: StoredObject, range?: ByteRange): Readable {
    return readSlice(this.#path({ key, versionId }), range ?? { start: 0, end: sizeBytes - 1 });
  }

  /** Refuses all later changes. @throws {S3Error} `BucketNotEmpty`. */
  markGone(): void {
    if (!this.index.versions.isEmpty) throw new S3Error('BucketNotEmpty');
    this.#isGone = true;
  }

  /** Releases the folder. */
  async close(): Promise<void> {
    await this.#folder.close();
  }

  #now(): Pick<StoredObject, 'lastModifiedMs' | 'sequencer'> {
    return { lastModifiedMs: Date.now(), sequencer: this.#sequencer.next() };
  }

  /** Only while the key is locked. */
  async #place(draft: Draft, object: StoredObject): Promise<StoredObject> {
    try {
      await draft.seal(object);
      if (this.#isGone) throw new S3Error('NoSuchBucket');
      draft.moveTo(this.#path(object));
    } catch (error) {
      await draft.discard();
      throw error;
    }
    this.index.add(object);
    await this.#folder.sync();
    return object;
  }

  /** Only while the key is locked. */
  async #remove(key: string): Promise<Removal> {
    const { versioning } = this.#settings;
    if (versioning === 'Off') return this.#erase(this.index.latest(key));
    const versionId = versioning === 'Enabled' ? randomUUID() : NULL_VERSION;
    const marker = { ...emptyContent(key), versionId, isDeleteMarker: true as const };
    const draft = await this.drafts.write([]);
    const object = await this.#place(draft, { ...marker, ...this.#now() });
    return { object, sequencer: object.sequencer };
  }

  /** Only while the key is locked. */
  async #erase(object: StoredObject | undefined): Promise<Removal> {
    const sequencer = this.#sequencer.next();
    if (object === undefined) return { object, sequencer };
    rmSync(this.#path(object));
    this.index.remove(object.key, object.versionId);
    await this.#folder.sync();
    return { object, sequencer };
  }

  async #load(): Promise<void> {
    const names = await readdir(join(this.#dir, 'objects'));
    const found: StoredObject[] = [];
    for (let start = 0; start < names.length; start += OPEN_AT_ONCE) {
      const batch = names.slice(start, start + OPEN_AT_ONCE);
      const objects = await Promise.all(batch.map((name) => this.#loadFile(name)));
      for (const object of objects) found.push(object);
    }
    for (const { sequencer } of found) this.#sequencer.observe(sequencer);
    this.index.load(found);
  }

  async #loadFile(name: string): Promise<StoredObject> {
    const path = join(this.#dir, 'objects', name);
    const footer = await readFooter(path);
    const object = footer && objectInFooter(footer);
    if (object === undefined || this.#path(object) !== path) {
      // Renamed only once whole, so this is a damaged disk or a stranger's file, never a crash of ours.
      throw new Error(`${path} is not an object file; move it away to start without it`);
    }
    return object;
  }

  /** Hashed: no key can leave the folder, be too long for it, or be both a file and a folder. */
  #path({ key, versionId }: Pick<StoredObject, 'key' | 'versionId'>): string {
    const hash = createHash('sha256').update(key).digest('hex');
    const suffix = versionId === NULL_VERSION ? '' : `.${versionId}`;
    return join(this.#dir, 'objects', hash + suffix);
  }
}
