import { ObjectStoreError } from '../../../functions/runtime/object-store/errors.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import type { StandInStatus } from '../../../knative/local/status.ts';
import { storeSettings } from '../../../knative/local/storage.ts';
import { type CheckContext, found, type Line, skipped } from '../check.ts';
import { runningStandIn } from '../machine/running-stand-in.ts';
import { readStartSettings } from '../machine/start-settings.ts';
import { storeFinding } from '../storage/store-finding.ts';
import { packageFolders } from './packages.ts';
import { publishedLines } from './published.ts';

/** Whether the store of an `npm start` that runs has the models of the clone, byte for byte. */
export async function checkModelsInStandIn(context: CheckContext): Promise<readonly Line[]> {
  const settings = await readStartSettings(context);
  if ('faults' in settings) return [skipped('the settings of `npm start` are not valid')];
  const { port } = settings.values;
  const running = port === 0 ? undefined : await runningStandIn(port, context);
  if (running === undefined) return [skipped(`no \`npm start\` runs on port ${port}`)];
  return storeLines(context, running);
}

async function storeLines(
  context: CheckContext,
  { s3, buckets }: StandInStatus,
): Promise<readonly Line[]> {
  const store = openObjectStore(storeSettings(s3), buckets.models, { maxAttempts: 1 });
  try {
    return await publishedLines(store, {
      folders: await packageFolders(context),
      signal: context.signal,
    });
  } catch (cause) {
    if (!(cause instanceof ObjectStoreError)) throw cause;
    // One with a status has answered, and its code says what is wrong.
    return cause.status === undefined
      ? [found('STAND_IN_STORE_DOWN', `${s3.endpoint}: ${cause.message}`)]
      : [storeFinding(cause)];
  } finally {
    store.close();
  }
}
