import type { ObjectReader } from '../../functions/runtime/object-store/object-store.ts';
import { DEFAULT_BACKOFF } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import { openCache } from './cache.ts';
import { fetchPackage } from './fetch-package.ts';
import type { OnLoadEvent } from './load-event.ts';
import type { LoadedModel } from './loaded-model.ts';
import { locatePackage } from './locate.ts';
import { openSource } from './open-source.ts';
import { fileWithRole } from './package-schema.ts';
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
  try {
    const fetched = await fetchPackage(source, {
      signal,
      onEvent,
      cache,
      digest: options.digest?.replace(/^sha256:/, ''),
      backoff: options.backoff ?? DEFAULT_BACKOFF,
      idleTimeoutMs: options.idleTimeoutMs ?? 10_000,
      onRequested: loadRuntimeMeanwhile,
    });
    phases.end('fetch');

    const verified = verifyPackage(uri, fetched, expectedName);
    const { manifest, digest, model, labels, assets, golden } = verified;
    phases.end('verify');

    const { openSession } = await import('./open-session.ts');
    const session = await openSession(uri, model, manifest);
    try {
      verifySession(uri, manifest, session);
      phases.end('session');

      await warmUp(uri, session, golden);
      phases.end('warmup');
      signal.throwIfAborted();
    } catch (cause) {
      await session.release();
      throw cause;
    }

    // Nobody waits for the disk: the model is ready now.
    void cache.store(source.uri, fileWithRole(manifest, 'model').sha256, fetched.uncached);
    const proveGolden = (): Promise<void> => warmUp(uri, session, golden);
    return { manifest, digest, labels, assets, session, phases: phases.finish(), proveGolden };
  } finally {
    source.close();
  }
}

/** Fills the wait for the store's answers with the work that needs none of them. */
function loadRuntimeMeanwhile(): void {
  // Loading blocks the thread: first let the requests of this turn reach their sockets. A failure shows
  // when the session is opened.
  setImmediate(() => {
    void import('./open-session.ts').then(({ loadRuntime }) => loadRuntime()).catch(() => {});
  });
}
