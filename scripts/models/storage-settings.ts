import { loadConfig } from '../../functions/runtime/config.ts';
import type { Config } from '../../functions/runtime/config.ts';
import type { ObjectStoreSettings } from '../../functions/runtime/object-store/s3-client.ts';

const NAMES = [
  'S3_ENDPOINT',
  'AWS_REGION',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
] as const satisfies readonly (keyof Config)[];

/**
 * Where the object store is, from the same variables and `*_FILE` files that a function reads. Other
 * settings in `env` are not looked at: a faulty `PORT` is no reason not to publish.
 * @throws {ConfigurationError} With every fault at once.
 */
export function storageSettings(env: NodeJS.ProcessEnv): ObjectStoreSettings {
  const own = NAMES.flatMap((name) => [name, `${name}_FILE`])
    .filter((name) => env[name] !== undefined)
    .map((name) => [name, env[name]] as const);
  // The two settings without a default are a function's, and play no part here.
  return loadConfig({
    FUNCTION_TARGET: 'models',
    MODEL_URI: 'file:models',
    ...Object.fromEntries(own),
  });
}
