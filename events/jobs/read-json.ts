import type * as z from 'zod';

import { ObjectNotFoundError } from '../../functions/runtime/object-store/errors.ts';
import type { ObjectMeta, ObjectStore } from '../../functions/runtime/object-store/object-store.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/** A small object that must be JSON of a known form; undefined when it is not there. */
export async function readJson<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<{ value: T; meta: ObjectMeta } | undefined> {
  try {
    const { meta, bytes } = await store.getBytes(key, {
      maxBytes: MAX_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
    return { value: schema.parse(JSON.parse(bytes.toString())), meta };
  } catch (cause) {
    if (cause instanceof ObjectNotFoundError) return undefined;
    throw cause;
  }
}
