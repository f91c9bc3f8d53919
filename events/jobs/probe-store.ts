import { ConfigurationError } from '../../functions/runtime/errors.ts';
import { probeConditionalPut } from '../../functions/runtime/object-store/probe-conditional-put.ts';
import type { JobContext } from './job-context.ts';

/**
 * Makes sure that the store can carry jobs at all: everything rests on it that of several writers who only
 * create exactly one wins.
 * @throws {ConfigurationError} When the store ignores `If-None-Match`.
 * @throws {ObjectStoreError} When it cannot be asked.
 */
export async function probeStore({
  store,
  nonce,
}: Pick<JobContext, 'store' | 'nonce'>): Promise<void> {
  if (await probeConditionalPut(store, `probes/${nonce()}`)) return;
  throw new ConfigurationError([
    `The store of the bucket ${store.bucket} ignores If-None-Match on PUT: batch jobs would overwrite each other's parts there`,
  ]);
}
