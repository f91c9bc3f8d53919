import { PreconditionFailedError } from '../../functions/runtime/object-store/errors.ts';
import type {
  ObjectStore,
  PutOptions,
  Written,
} from '../../functions/runtime/object-store/object-store.ts';

/** Creates an object unless there is one: undefined then. Of any number of callers exactly one wins. */
export async function createOnly(
  store: ObjectStore,
  key: string,
  body: Uint8Array | string,
  options: Pick<PutOptions, 'contentType' | 'user' | 'signal'> = {},
): Promise<Written | undefined> {
  try {
    return await store.put(key, body, { ...options, ifNoneMatch: '*' });
  } catch (cause) {
    if (cause instanceof PreconditionFailedError) return undefined;
    throw cause;
  }
}
