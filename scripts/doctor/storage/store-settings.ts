import { ConfigurationError } from '../../../functions/runtime/errors.ts';
import type { ObjectStoreSettings } from '../../../functions/runtime/object-store/s3-client.ts';
import { storageSettings } from '../../models/storage-settings.ts';
import { found, type Line, skipped } from '../check.ts';

/** Where the object store of the environment is, or why there is none to look at. */
export function readStoreSettings(
  env: NodeJS.ProcessEnv,
):
  | { readonly values: ObjectStoreSettings & { S3_ENDPOINT: string } }
  | { readonly lines: readonly Line[] } {
  if ((env['S3_ENDPOINT'] ?? '') === '') {
    return { lines: [skipped('S3_ENDPOINT is not set: `npm start` brings a store of its own')] };
  }
  try {
    const values = storageSettings(env);
    if (values.AWS_ACCESS_KEY_ID === undefined) {
      return { lines: [found('S3_CREDENTIALS_MISSING', 'AWS_ACCESS_KEY_ID is not set')] };
    }
    return { values: { ...values, S3_ENDPOINT: values.S3_ENDPOINT ?? '' } };
  } catch (cause) {
    if (!(cause instanceof ConfigurationError)) throw cause;
    return { lines: cause.faults.map((fault) => found('S3_SETTINGS_INVALID', fault)) };
  }
}
