import { availableParallelism, totalmem } from 'node:os';

import type { GraphToOpen, OpenedGraph, WorkersSettings } from '../execution.ts';
import type { Session } from '../loaded-model.ts';
import { openPool } from './session-pool.ts';
import { defaultWorkers } from './worker-count.ts';
import { startWorkerProcess } from './worker-process.ts';
import type { WorkerProcess } from './worker-process.ts';
import { openWorkerSession } from './worker-session.ts';
import type { WorkerSession } from './worker-session.ts';

/** What to open, and how many times. */
export interface WorkersOptions extends GraphToOpen, WorkersSettings {
  /** One that was started ahead of time. */
  readonly process: WorkerProcess;
}

/**
 * Opens a model in processes of its own, each with one session. The bytes of the graph are kept: a process
 * that is lost is made good from them.
 * @throws {ModelLoadError} Permanent: the graph does not open.
 */
export async function openWorkers(options: WorkersOptions): Promise<OpenedGraph> {
  const { uri, model, manifest, prove, backoff, onEvent } = options;
  const cpus = availableParallelism();
  const threads = Math.min(manifest.session.intra_op_threads ?? 1, cpus);
  const graph = { uri, model, session: { ...manifest.session, intra_op_threads: threads } };
  const start = async (): Promise<WorkerSession> => {
    const process = startWorkerProcess();
    try {
      const session = await openWorkerSession(process, graph);
      await prove(session);
      return session;
    } catch (cause) {
      process.kill('could not be used');
      throw cause;
    }
  };
  const first = await openWorkerSession(options.process, graph);
  const allowance = { cpus, memoryBytes: memoryLimit() };
  const pool = openPool(first, {
    size: options.count ?? defaultWorkers(model.length, threads, allowance),
    start,
    backoff,
    onEvent,
  });
  const { inputs, outputs } = first;
  const session: Session = {
    inputs,
    outputs,
    run: (tensors, names) => (pool.sessions()[0] ?? first).run(tensors, names),
    release: () => pool.close(),
  };
  return { session, pool, complete: () => pool.grow() };
}

/** Of the container, or of the machine where that has none. */
function memoryLimit(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
