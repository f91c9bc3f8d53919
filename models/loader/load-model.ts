import type { ObjectReader } from '../../functions/runtime/object-store/object-store.ts';
import { DEFAULT_BACKOFF } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import { openCache } from './cache.ts';
import { fetchPackage } from './fetch-package.ts';
import type { OnLoadEvent } from './load-event.ts';
import { prepareInline, prepareWorkers } from './execution.ts';
import type { Execution } from './execution.ts';
import type { LoadedModel, Session } from './loaded-model.ts';
import { locatePackage } from './locate.ts';
import { openSource } from './open-source.ts';
import { fileWithRole } from './package-schema.ts';
import type { ModelManifest } from './package-schema.ts';
import { startPhases } from './phase-timer.ts';
import { verifyPackage, verifySession } from './verify.ts';
import { warmUp } from './warm-up.ts';

/** What to load, from where, and whom to tell. */
export interface LoadModelOptions {
  /** `s3://bucket/prefix` or `file:folder`. */
  readonly uri: string;
  /** sha256 that `model.json` must have; with or without `sha256:` before it. */
  readonly digest?: string | undefined;
  /** Folder for verified files, shared by processes; files of a `file:` package are not kept. */
  readonly cacheDir?: string | undefined;
  /** The name that the model must have. */
  readonly expectedName?: string | undefined;
  /** Opens the bucket of an `s3://` package; the loader closes it. Called at once, before any other work. */
  readonly openStore: (bucket: string) => Promise<ObjectReader>;
  /** Ends the load, retries included. */
  readonly signal: AbortSignal;
  /** Attempts, cache hits, phases. @default nobody is told */
  readonly onEvent?: OnLoadEvent;
  /** When the process started, on the clock of `performance.now()`. @default 0 */
  readonly startedAtMs?: number;
  /** An attempt that brings no byte for so long is given up. @default 10_000 */
  readonly idleTimeoutMs?: number;
  /** @default {@link DEFAULT_BACKOFF} */
  readonly backoff?: Backoff;
  /** Where to compute, whatever the package says: what may not stall wants a worker. @default the package's */
  readonly execution?: 'worker' | undefined;
  /** Worker processes of a model that computes in some. @default as many as CPUs and memory allow */
  readonly workers?: number | undefined;
}

/**
 * START HERE. A model that is ready to serve: every byte verified, the session open, its golden example
 * reproduced. Transient failures of the store are retried until `signal` aborts.
 * @throws {ModelLoadError} Always permanent: trying again with the same package cannot help.
 * @throws The signal's reason, when it aborts.
 */
export async function loadModel(options: LoadModelOptions): Promise<LoadedModel> {
  const { uri, expectedName, signal, onEvent = () => {} } = options;
  const phases = startPhases(options.startedAtMs ?? 0, onEvent);
  phases.end('boot');

  const location = locatePackage(uri);
  const source = await openSource(location, options.openStore);
  const cache = openCache(location.kind === 's3' ? options.cacheDir : undefined, onEvent);
  let execution: Execution | undefined;
  try {
    const fetched = await fetchPackage(source, {
      signal,
      onEvent,
      cache,
      digest: options.digest?.replace(/^sha256:/, ''),
      backoff: options.backoff ?? DEFAULT_BACKOFF,
      idleTimeoutMs: options.idleTimeoutMs ?? 10_000,
      onRequested: (described) => (execution = prepare(described, options)),
    });
    phases.end('fetch');

    const verified = verifyPackage(uri, fetched, expectedName);
    const { manifest, digest, model, labels, assets, golden } = verified;
    phases.end('verify');

    const proveGolden = (where: Session): Promise<void> => warmUp(uri, where, golden);
    const prove = async (where: Session): Promise<void> => {
      verifySession(uri, manifest, where);
      await proveGolden(where);
    };
    execution ??= prepare(manifest, options);
    const { session, pool, complete } = await execution.open({ uri, model, manifest, prove });
    try {
      verifySession(uri, manifest, session);
      phases.end('session');

      await proveGolden(session);
      phases.end('warmup');
      signal.throwIfAborted();
    } catch (cause) {
      await session.release();
      throw cause;
    }

    // Nobody waits for the other processes, nor for the disk: the model is ready now.
    complete();
    void cache.store(source.uri, fileWithRole(manifest, 'model').sha256, fetched.uncached);
    return {
      manifest,
      digest,
      labels,
      assets,
      session,
      ...(pool === undefined ? {} : { pool }),
      phases: phases.finish(),
      proveGolden: (where = session) => proveGolden(where),
    };
  } catch (cause) {
    await execution?.abandon();
    throw cause;
  } finally {
    source.close();
  }
}

function prepare(manifest: ModelManifest, options: LoadModelOptions): Execution {
  if ((options.execution ?? manifest.execution) === 'inline') return prepareInline();
  const { workers: count, backoff = DEFAULT_BACKOFF, onEvent = () => {} } = options;
  return prepareWorkers({ count, backoff, onEvent });
}
