import { isDeepStrictEqual } from 'node:util';

import * as z from 'zod';

import { isJsonObject, type Json } from './manifest.ts';

const pointer = z.string().regex(/^(\/.*)?$/, 'must be a JSON pointer that starts with /');
const value = z.json() as z.ZodType<Json>;

/** A list of JSON Patch operations, https://www.rfc-editor.org/rfc/rfc6902 */
export const jsonPatch = z.array(
  z.discriminatedUnion('op', [
    z.strictObject({ op: z.literal('add'), path: pointer, value }),
    z.strictObject({ op: z.literal('replace'), path: pointer, value }),
    z.strictObject({ op: z.literal('test'), path: pointer, value }),
    z.strictObject({ op: z.literal('remove'), path: pointer }),
    z.strictObject({ op: z.literal('move'), path: pointer, from: pointer }),
    z.strictObject({ op: z.literal('copy'), path: pointer, from: pointer }),
  ]),
);

/** Operations of one patch, in order. */
export type JsonPatch = z.infer<typeof jsonPatch>;

type Operation = JsonPatch[number];

/** An operation names a place that is not there, or a `test` does not hold. */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError';
}

/**
 * `document` with `patch` applied; the argument itself stays as it is.
 * @throws {JsonPatchError} When an operation does not apply.
 */
export function applyJsonPatch(document: Json, patch: JsonPatch): Json {
  // A root to hang the document on, so that the empty pointer is a place like any other.
  const holder = { document: structuredClone(document) };
  for (const operation of patch) applyOperation(holder, operation);
  return holder.document;
}

function applyOperation(holder: { document: Json }, operation: Operation): void {
  const { op, path } = operation;
  switch (op) {
    case 'add':
      return add(holder, path, structuredClone(operation.value));
    case 'remove':
      return void remove(holder, path);
    case 'replace':
      read(holder, path);
      if (path !== '') remove(holder, path);
      return add(holder, path, structuredClone(operation.value));
    case 'move':
      return add(holder, path, remove(holder, operation.from));
    case 'copy':
      return add(holder, path, structuredClone(read(holder, operation.from)));
    case 'test':
      if (!isDeepStrictEqual(read(holder, path), operation.value)) {
        throw new JsonPatchError(`test ${path}: the value there is another one`);
      }
      return;
    default:
      operation satisfies never;
  }
}

/** The parent of the place that `path` names, and the last step to it. */
function locate(holder: { document: Json }, path: string): { parent: Json; key: string } {
  const steps = path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const key = steps.pop();
  if (key === undefined) return { parent: holder, key: 'document' };
  let parent: Json = holder.document;
  for (const step of steps) parent = child(parent, step, path);
  return { parent, key };
}

function child(parent: Json, key: string, path: string): Json {
  const found = Array.isArray(parent)
    ? parent[arrayIndex(key, parent.length - 1, path)]
    : isJsonObject(parent) && Object.hasOwn(parent, key)
      ? parent[key]
      : undefined;
  if (found === undefined) throw new JsonPatchError(`${path}: there is no ${JSON.stringify(key)}`);
  return found;
}

function read(holder: { document: Json }, path: string): Json {
  const { parent, key } = locate(holder, path);
  return child(parent, key, path);
}

function add(holder: { document: Json }, path: string, added: Json): void {
  const { parent, key } = locate(holder, path);
  if (Array.isArray(parent)) {
    const index = key === '-' ? parent.length : arrayIndex(key, parent.length, path);
    parent.splice(index, 0, added);
  } else if (isJsonObject(parent)) {
    parent[key] = added;
  } else {
    throw new JsonPatchError(`${path}: its parent is neither an object nor a list`);
  }
}

function remove(holder: { document: Json }, path: string): Json {
  const { parent, key } = locate(holder, path);
  const removed = child(parent, key, path);
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (isJsonObject(parent)) delete parent[key];
  return removed;
}

function arrayIndex(key: string, last: number, path: string): number {
  if (!/^(0|[1-9]\d*)$/.test(key) || Number(key) > last) {
    throw new JsonPatchError(`${path}: there is no place ${JSON.stringify(key)} in the list`);
  }
  return Number(key);
}
