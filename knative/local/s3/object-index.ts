import { KeyIndex } from './key-index.ts';
import type { StoredObject } from './stored-object.ts';

/** Every version of every object of a bucket, in memory. */
export class ObjectIndex {
  /** The objects that a reader without a version id sees. */
  readonly visible = new KeyIndex<StoredObject>();
  /** All versions and delete markers of each key, newest first; never an empty list. */
  readonly versions = new KeyIndex<readonly StoredObject[]>();

  /** Replaces everything; faster than one `add` each. */
  load(objects: readonly StoredObject[]): void {
    const byKey = Map.groupBy(objects, ({ key }) => key);
    const sorted = [...byKey].map(([key, versions]) => [key, newestFirst(versions)] as const);
    this.versions.fill(sorted);
    this.visible.fill(
      sorted.flatMap(([key, [latest]]) => {
        return latest === undefined || latest.isDeleteMarker ? [] : [[key, latest] as const];
      }),
    );
  }

  /** The latest version or delete marker of a key. */
  latest(key: string): StoredObject | undefined {
    return this.versions.get(key)?.[0];
  }

  /** One version or delete marker. */
  find(key: string, versionId: string): StoredObject | undefined {
    return this.versions.get(key)?.find((version) => version.versionId === versionId);
  }

  /** Adds a version, in place of one with its id. */
  add(object: StoredObject): void {
    const { key, versionId } = object;
    const others = (this.versions.get(key) ?? []).filter((one) => one.versionId !== versionId);
    this.#set(key, newestFirst([object, ...others]));
  }

  /** Forgets one version. */
  remove(key: string, versionId: string): void {
    const rest = (this.versions.get(key) ?? []).filter((one) => one.versionId !== versionId);
    this.#set(key, rest);
  }

  #set(key: string, versions: readonly StoredObject[]): void {
    const [latest] = versions;
    if (latest === undefined) this.versions.delete(key);
    else this.versions.set(key, versions);
    if (latest === undefined || latest.isDeleteMarker) this.visible.delete(key);
    else this.visible.set(key, latest);
  }
}

function newestFirst(versions: readonly StoredObject[]): StoredObject[] {
  return versions.toSorted((one, other) => (one.sequencer < other.sequencer ? 1 : -1));
}
