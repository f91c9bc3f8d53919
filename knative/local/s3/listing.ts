import { compareKeys } from './key-index.ts';
import type { KeyIndex } from './key-index.ts';

/** What to list. */
export interface ListingOptions {
  readonly prefix: string;
  /** Keys that share the part up to here are rolled up into one prefix; empty: none are. */
  readonly delimiter: string;
  /** Only what comes after this: a key, or a rolled-up prefix with everything below it. */
  readonly after: { readonly key: string; readonly wholePrefix: boolean };
  readonly maxKeys: number;
}

/** One page of a listing. */
export interface ListingPage<T> {
  readonly objects: readonly T[];
  readonly prefixes: readonly string[];
  /** Where the next page begins; undefined on the last. */
  readonly next: ListingOptions['after'] | undefined;
}

/** One page of the objects in `index`, in key order; objects and prefixes count alike. */
export function listPage<T>(
  index: KeyIndex<T>,
  { prefix, delimiter, after, maxKeys }: ListingOptions,
): ListingPage<T> {
  const objects: T[] = [];
  const prefixes: string[] = [];
  let last: ListingOptions['after'] = after;
  const start = compareKeys(after.key, prefix) > 0 ? after.key : prefix;
  for (const [key, object] of index.from(start)) {
    // In this order, everything below one prefix stands together.
    if (!key.startsWith(prefix)) break;
    if (isBehind(key, last)) continue;
    if (objects.length + prefixes.length === maxKeys) {
      return { objects, prefixes, next: maxKeys === 0 ? undefined : last };
    }
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (end < 0) {
      objects.push(object);
      last = { key, wholePrefix: false };
    } else {
      const rolledUp = key.slice(0, end + delimiter.length);
      prefixes.push(rolledUp);
      last = { key: rolledUp, wholePrefix: true };
    }
  }
  return { objects, prefixes, next: undefined };
}

/** One page of a listing of versions. */
export interface VersionsPage<T> {
  readonly versions: readonly T[];
  readonly prefixes: readonly string[];
  /** The last version or rolled-up prefix of this page; undefined on the last. */
  readonly next: { readonly key: string; readonly versionId?: string } | undefined;
}

/**
 * One page of every version in `index`, which holds those of a key newest first. With `versionId` the
 * page begins within the versions of `after.key`, behind that one.
 */
export function listVersionsPage<T extends { readonly versionId: string }>(
  index: KeyIndex<readonly T[]>,
  {
    prefix,
    delimiter,
    after,
    maxKeys,
  }: ListingOptions & { readonly after: { readonly versionId: string } },
): VersionsPage<T> {
  const versions: T[] = [];
  const prefixes: string[] = [];
  if (maxKeys === 0) return { versions, prefixes, next: undefined };
  let next: VersionsPage<T>['next'];
  const isFull = (): boolean => versions.length + prefixes.length === maxKeys;
  const start = compareKeys(after.key, prefix) > 0 ? after.key : prefix;
  let rolledUp = after.wholePrefix ? after.key : undefined;
  for (const [key, all] of index.from(start)) {
    if (!key.startsWith(prefix)) break;
    if (rolledUp !== undefined && key.startsWith(rolledUp)) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (end >= 0) {
      if (isFull()) return { versions, prefixes, next };
      rolledUp = key.slice(0, end + delimiter.length);
      prefixes.push(rolledUp);
      next = { key: rolledUp };
      continue;
    }
    for (const version of key === after.key ? behind(all, after.versionId) : all) {
      if (isFull()) return { versions, prefixes, next };
      versions.push(version);
      next = { key, versionId: version.versionId };
    }
  }
  return { versions, prefixes, next: undefined };
}

/**
 * What follows one version; nothing when the marker is the key alone. When that version has been deleted
 * since, everything: a client that empties a bucket page by page must not miss one.
 */
function behind<T extends { readonly versionId: string }>(
  versions: readonly T[],
  versionId: string,
): readonly T[] {
  if (versionId === '') return [];
  return versions.slice(versions.findIndex((version) => version.versionId === versionId) + 1);
}

/** Where a page begins that goes on from `marker`: a key, or a rolled-up prefix of the page before. */
export function afterMarker(
  marker: string,
  { prefix, delimiter }: Pick<ListingOptions, 'prefix' | 'delimiter'>,
): ListingOptions['after'] {
  const below = marker.startsWith(prefix) ? marker.slice(prefix.length) : '';
  const isRolledUp =
    delimiter !== '' && below.indexOf(delimiter) === below.length - delimiter.length;
  return { key: marker, wholePrefix: below !== '' && isRolledUp };
}

/** Whether `key`, which is not below `last.key` in order, was dealt with already. */
function isBehind(key: string, last: ListingOptions['after']): boolean {
  return last.wholePrefix ? key.startsWith(last.key) : key === last.key;
}
