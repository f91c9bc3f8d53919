import { PreconditionFailedError } from './errors.ts';
import type { CallOptions, ObjectStore } from './object-store.ts';

/**
 * Whether the store honours `If-None-Match: *`: some S3-compatible stores ignore it and let every writer
 * win. Writes `key` and deletes it again, so give a key that nothing else uses.
 * @throws {ObjectStoreError} When the store cannot be asked.
 */
export async function probeConditionalPut(
  store: ObjectStore,
  key: string,
  options: CallOptions = {},
): Promise<boolean> {
  const create = async (): Promise<boolean> => {
    try {
      await store.put(key, 'probe', { ...options, ifNoneMatch: '*' });
      return true;
    } catch (error) {
      if (error instanceof PreconditionFailedError) return false;
      throw error;
    }
  };
  await create();
  const createdAgain = await create();
  await store.delete(key, options);
  return !createdAgain;
}
