import { loadModel } from '../models/loader/load-model.ts';
import type { OnLoadEvent } from '../models/loader/load-event.ts';
import type { LoadedModel } from '../models/loader/loaded-model.ts';
import { GENERIC_FUNCTION } from '../models/loader/package-schema.ts';
import type { Config } from './runtime/config.ts';
import type { ObjectReader } from './runtime/object-store/object-store.ts';

/** A package, and the sha256 that its `model.json` must have. */
export interface ModelAddress {
  readonly uri: string;
  readonly digest: string | undefined;
}

/**
 * A model, by default the one that the configuration names. The requests for its weights go out before this
 * returns to the event loop.
 * @throws {ModelLoadError} When no retry can help.
 */
export function loadConfiguredModel(
  config: Config,
  signal: AbortSignal,
  onEvent: OnLoadEvent,
  { uri, digest }: ModelAddress = { uri: config.MODEL_URI ?? '', digest: config.MODEL_DIGEST },
): Promise<LoadedModel> {
  return loadModel({
    uri,
    digest,
    cacheDir: config.MODEL_CACHE_DIR,
    // The generic function serves whatever its MODEL_URI names.
    expectedName: config.FUNCTION_TARGET === GENERIC_FUNCTION ? undefined : config.FUNCTION_TARGET,
    execution: config.MODEL_EXECUTION,
    workers: config.MODEL_WORKERS,
    openStore: (bucket) => openReader(config, bucket),
    signal,
    onEvent,
  });
}

/** Address and keys are all that a read needs; where one is missing, the SDK knows where to look for it. */
async function openReader(config: Config, bucket: string): Promise<ObjectReader> {
  const {
    S3_ENDPOINT: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = config;
  if (endpoint !== undefined && accessKeyId !== undefined && secretAccessKey !== undefined) {
    const { openObjectReader } = await import('./runtime/object-store/s3-object-reader.ts');
    const signer = { region, accessKeyId, secretAccessKey, sessionToken };
    return openObjectReader({ endpoint, ...signer }, bucket);
  }
  const { openObjectStore } = await import('./runtime/object-store/s3-object-store.ts');
  // The loader retries by itself, with resume; the SDK's own attempts would hide failures from the log.
  return openObjectStore(config, bucket, { maxAttempts: 1 });
}
