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
  body: Uint8Array | string | AsyncIterable<Uint8Array>,
  options: Pick<PutOptions, 'contentType' | 'user' | 'signal'> = {},
): Promise<Written | undefined> {
  try {
    const once = { ...options, ifNoneMatch: '*' } as const;
    const isWhole = typeof body === 'string' || body instanceof Uint8Array;
    return await (isWhole ? store.put(key, body, once) : store.putStream(key, body, once));
  } catch (cause) {
    if (cause instanceof PreconditionFailedError) return undefined;
    throw cause;
  }
}
