import type { Config } from '../../../runtime/config.ts';
import { ForbiddenError, InferenceError, InvalidRequestError } from '../../../runtime/errors.ts';
import { ObjectStoreError, PreconditionFailedError } from '../../../runtime/object-store/errors.ts';
import type { ObjectStore } from '../../../runtime/object-store/object-store.ts';
import type { ObjectStoreSettings } from '../../../runtime/object-store/s3-client.ts';
import { openObjectStore } from '../../../runtime/object-store/s3-object-store.ts';

/** Whose reply an object is: user metadata. */
const REPLY = 'reply-id';

/**
 * Puts the answer to an event into the tenant's bucket and gives its address. The same event, delivered again, finds
 * what it has put there.
 * @throws {InvalidRequestError} When somebody else's object is there already, or there is no bucket.
 * @throws {ForbiddenError} When this function may not write there.
 * @throws {InferenceError} When the store does not take it.
 */
export async function storeAnswer(
  config: ObjectStoreSettings & Pick<Config, 'DATA_BUCKET'>,
  key: string,
  json: string,
  replyId: string,
): Promise<string> {
  const { DATA_BUCKET: bucket } = config;
  if (bucket === undefined) {
    throw new InvalidRequestError('This function has no bucket to put answers into: DATA_BUCKET');
  }
  const store = openObjectStore(config, bucket);
  try {
    await store.put(key, json, {
      contentType: 'application/json',
      user: { [REPLY]: replyId },
      ifNoneMatch: '*',
    });
  } catch (cause) {
    await requireOwn(store, key, replyId, cause);
  } finally {
    store.close();
  }
  return `s3://${bucket}/${encodeURI(key).replaceAll(/[?#]/g, encodeURIComponent)}`;
}

async function requireOwn(
  store: ObjectStore,
  key: string,
  replyId: string,
  cause: unknown,
): Promise<void> {
  try {
    if (!(cause instanceof PreconditionFailedError)) throw cause;
    const found = await store.head(key);
    if (found?.user[REPLY] === replyId) return;
  } catch (failure) {
    if (failure instanceof ObjectStoreError && failure.status === 403) {
      throw new ForbiddenError('This function may not write to the bucket for data', {
        cause: failure,
      });
    }
    throw new InferenceError('The answer could not be stored', { cause: failure });
  }
  throw new InvalidRequestError('There is another object where "outputkey" points to');
}
