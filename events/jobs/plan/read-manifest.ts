import * as z from 'zod';

import {
  ObjectNotFoundError,
  ObjectStoreError,
  PreconditionFailedError,
} from '../../../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { PlanError } from './plan-error.ts';

const MAX_MANIFEST_BYTES = 32 * 1024 * 1024;

const manifestEntry = z.object({
  key: z.string().min(1),
  etag: z.string().min(1).optional(),
  versionId: z.string().min(1).optional(),
});

/** One object that a manifest names, and which state of it is meant, if it says so. */
export type ManifestEntry = z.infer<typeof manifestEntry>;

/**
 * The lines of a manifest: JSON objects with `key`, and with `etag` or `versionId` where a state is meant.
 * Other names are left alone, so that other lists of objects can serve as one.
 * @throws {PlanError} When it is missing, not the one meant, too large, or a line of it is not like that.
 */
export async function readManifest(
  store: ObjectStore,
  { key, etag }: { readonly key: string; readonly etag?: string | undefined },
  signal?: AbortSignal,
): Promise<ManifestEntry[]> {
  const text = await readText(store, key, etag, signal);
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const entry = parseLine(line);
    if (entry !== undefined) return [entry];
    const message = `Line ${index + 1} of the manifest ${key} is not {"key": …}`;
    throw new PlanError('MANIFEST_INVALID', message);
  });
}

async function readText(
  store: ObjectStore,
  key: string,
  etag: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    const { bytes } = await store.getBytes(key, {
      maxBytes: MAX_MANIFEST_BYTES,
      ...(etag === undefined ? {} : { ifMatch: etag }),
      ...(signal === undefined ? {} : { signal }),
    });
    return new TextDecoder().decode(bytes);
  } catch (cause) {
    if (cause instanceof ObjectNotFoundError) {
      throw new PlanError('INPUT_NOT_FOUND', `There is no manifest ${key}`, { cause });
    }
    if (cause instanceof PreconditionFailedError) {
      throw new PlanError('INPUT_CHANGED', `The manifest ${key} is not the one of ${etag}`);
    }
    if (cause instanceof ObjectStoreError && cause.code === 'TooLarge') {
      throw new PlanError('TOO_LARGE', `The manifest ${key} is larger than 32 MiB`, { cause });
    }
    throw cause;
  }
}

function parseLine(line: string): ManifestEntry | undefined {
  try {
    return manifestEntry.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
