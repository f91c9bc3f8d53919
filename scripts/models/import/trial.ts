import type { TensorMap, TensorSpec } from '../../../functions/runtime/tensor.ts';
import { SessionLostError } from '../../../models/loader/loaded-model.ts';
import { startWorkerProcess } from '../../../models/loader/worker/worker-process.ts';
import { openWorkerSession } from '../../../models/loader/worker/worker-session.ts';
import type { ModelFile } from './model-file.ts';
import { RefusedError } from './refused-error.ts';
import { runtimeReason } from './runtime-reason.ts';

/** Longer than any request may take. */
const MAX_RUN_MS = 55_000;

/** A model that is being tried out, in a process of its own: what it does there harms nobody. */
export interface Trial extends AsyncDisposable {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /**
   * All outputs.
   * @throws {RefusedError} When the process dies of it, or it takes longer than any request may.
   * @throws {Error} When ONNX Runtime refuses these inputs.
   */
  run(inputs: TensorMap): Promise<TensorMap>;
}

/**
 * Opens a model with ONNX Runtime, as a server would.
 * @throws {RefusedError} With ONNX Runtime's reason in plain words.
 */
export async function openTrial({ path, bytes, onnx }: ModelFile): Promise<Trial> {
  const worker = startWorkerProcess();
  const session = await openWorkerSession(worker, { uri: path, model: bytes, session: {} }).catch(
    (cause: Error) => {
      worker.kill('could not open the model');
      throw new RefusedError(path, [runtimeReason(cause.message, onnx)], { cause });
    },
  );
  return {
    inputs: session.inputs,
    outputs: session.outputs,
    async run(inputs) {
      const timer = setTimeout(() => worker.kill('ran too long'), MAX_RUN_MS);
      try {
        return await session.run(inputs);
      } catch (cause) {
        if (!(cause instanceof SessionLostError)) throw cause;
        const reason =
          cause.message === 'ran too long'
            ? `one run takes more than ${MAX_RUN_MS / 1000} s, longer than any request may wait`
            : `ONNX Runtime crashes when it runs it: its process ${cause.message}`;
        throw new RefusedError(path, [reason], { cause });
      } finally {
        clearTimeout(timer);
      }
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}
