import type { Session } from '../loaded-model.ts';
import { SessionLostError } from '../loaded-model.ts';
import { permanentError } from '../model-load-error.ts';
import type { ModelManifest } from '../package-schema.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A session in a process of its own. */
export interface WorkerSession extends Session {
  readonly process: WorkerProcess;
}

/** A graph and how to open it. */
export interface Graph {
  readonly uri: string;
  readonly model: Uint8Array;
  readonly session: ModelManifest['session'];
}

/**
 * Opens a graph in a process that waits for one.
 * @throws {ModelLoadError} Permanent: the graph does not open, or ends the process that opens it.
 */
export async function openWorkerSession(
  worker: WorkerProcess,
  { uri, model, session }: Graph,
): Promise<WorkerSession> {
  const graph = { datatype: 'UINT8', shape: [model.length], data: model } as const;
  const { message } = await worker
    .ask({ say: 'open', uri, session }, { model: graph })
    .catch((cause: unknown) => {
      if (!(cause instanceof SessionLostError)) throw cause;
      throw permanentError(
        `Cannot load ${uri}: the process that opened it ${cause.message}`,
        cause,
      );
    });
  if (message.say !== 'opened') {
    worker.kill('could not open its graph');
    throw permanentError(message.say === 'failed' ? message.message : `Cannot load ${uri}`);
  }
  return {
    process: worker,
    inputs: message.inputs,
    outputs: message.outputs,
    async run(inputs, outputs) {
      const answer = await worker.ask(
        { say: 'run', ...(outputs === undefined ? {} : { outputs }) },
        inputs,
      );
      if (answer.message.say === 'failed') throw new Error(answer.message.message);
      return answer.tensors;
    },
    async release() {
      worker.kill('is not needed any more');
      await worker.ended;
    },
  };
}
