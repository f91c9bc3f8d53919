import type { Backoff } from './backoff.ts';
import type { OnLoadEvent } from './load-event.ts';
import type { Session, SessionPool } from './loaded-model.ts';
import type { ModelManifest } from './package-schema.ts';

/** A verified graph, and how to prove a session of it. */
export interface GraphToOpen {
  readonly uri: string;
  readonly model: Uint8Array;
  readonly manifest: ModelManifest;
  /** @throws When a session that was just opened is not what the package says. */
  readonly prove: (session: Session) => Promise<void>;
}

/** An open graph that nobody has proven yet. */
export interface OpenedGraph {
  readonly session: Session;
  readonly pool?: SessionPool;
  /** To be called once `session` is proven: the others of the pool follow. */
  readonly complete: () => void;
}

/** Where a model computes; it gets ready for that while the weights are on their way. */
export interface Execution {
  /** @throws {ModelLoadError} Permanent: the graph does not open. */
  open(graph: GraphToOpen): Promise<OpenedGraph>;
  /** For a load that fails before the graph is open. */
  abandon(): Promise<void>;
}

/** Gets ready to compute in this thread: ONNX Runtime is loaded as soon as this turn is over. */
export function prepareInline(): Execution {
  // Loading blocks the thread: first let the requests of this turn reach their sockets. A failure shows
  // when the session is opened.
  setImmediate(() => {
    void import('./open-session.ts').then(({ loadRuntime }) => loadRuntime()).catch(() => {});
  });
  return {
    async open({ uri, model, manifest }) {
      const { openSession } = await import('./open-session.ts');
      return { session: await openSession(uri, model, manifest), complete: () => {} };
    },
    abandon: async () => {},
  };
}

/** How a model computes in processes of its own. */
export interface WorkersSettings {
  /** How many processes. @default as many as CPUs and memory allow */
  readonly count: number | undefined;
  /** Between attempts to replace one. */
  readonly backoff: Backoff;
  readonly onEvent: OnLoadEvent;
}

/** Gets ready to compute in processes: the first one starts at once. */
export function prepareWorkers(settings: WorkersSettings): Execution {
  const first = import('./worker/worker-process.ts').then((module) => module.startWorkerProcess());
  return {
    async open(graph) {
      const { openWorkers } = await import('./worker/open-workers.ts');
      return await openWorkers({ ...graph, ...settings, process: await first });
    },
    abandon: async () => (await first).kill('is not needed: the model did not load'),
  };
}
