/** Any JSON value, as YAML gives it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** One Kubernetes object, and the file that it was read from, relative to the current folder. */
export interface Manifest {
  readonly file: string;
  readonly object: JsonObject;
}

/** Manifests say something that cannot be done here; every fault names its file. */
export class ManifestError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[], options: ErrorOptions = {}) {
    super(faults.join('\n'), options);
    this.name = new.target.name;
    this.faults = faults;
  }
}

/** Whether `value` is a JSON object, not an array and not null. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object below `key`; `{}` when there is none. */
export function objectAt(parent: JsonObject, key: string): JsonObject {
  const value = parent[key];
  return isJsonObject(value) ? value : {};
}

/** The objects in the list below `key`; `[]` when there is none. */
export function objectsAt(parent: JsonObject, key: string): JsonObject[] {
  const value = parent[key];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** The string below `key`; empty when there is none. */
export function stringAt(parent: JsonObject, key: string): string {
  const value = parent[key];
  return typeof value === 'string' ? value : '';
}

/** What an object is called in messages and compared by: kind and name. */
export function manifestName({ object }: Manifest): string {
  return `${stringAt(object, 'kind')} ${stringAt(objectAt(object, 'metadata'), 'name')}`;
}
