import type * as ort from 'onnxruntime-node';

import type { TensorMap, TensorSpec } from '../../functions/runtime/tensor.ts';
import type { Session } from './loaded-model.ts';
import { permanentError, reasonOf } from './model-load-error.ts';
import { datatypeOf, fromOrtTensor, toOrtTensor } from './ort-tensor.ts';
import type { ModelManifest } from './package-schema.ts';

type Runtime = Pick<typeof ort, 'InferenceSession' | 'Tensor'>;

let runtime: Promise<Runtime> | undefined;

/**
 * Loads ONNX Runtime's library and its environment, once per process. Blocks the thread for about 25 ms:
 * call it when there is only waiting left to do.
 * @throws {ModelLoadError} Permanent, when the library for this platform is missing.
 */
export async function loadRuntime(): Promise<Runtime> {
  // Its Linux builds report to their vendor, write to the home folder and start a thread unless this is
  // set before the library is loaded (1.29 and later).
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  runtime ??= import('onnxruntime-node').then(withEnvironment, (cause: unknown) => {
    throw permanentError(`Cannot load ONNX Runtime: ${reasonOf(cause)}`, cause);
  });
  return runtime;
}

/**
 * The first session of a process registers all operators, for 16 ms, before it looks at the graph. One
 * without a graph is enough for that; that it fails is the point.
 */
async function withEnvironment(loaded: Runtime): Promise<Runtime> {
  await loaded.InferenceSession.create(new Uint8Array(0)).catch(() => {});
  return loaded;
}

/**
 * Opens an ONNX graph in this thread: every `run` blocks it while it computes.
 * @throws {ModelLoadError} Permanent: the graph is corrupt, or has an input or output that is no tensor.
 */
export async function openSession(
  uri: string,
  model: Uint8Array,
  manifest: Pick<ModelManifest, 'session'>,
): Promise<Session> {
  const { InferenceSession, Tensor } = await loadRuntime();
  const session = await InferenceSession.create(model, sessionOptions(manifest.session)).catch(
    (cause: unknown) => {
      throw permanentError(
        `Cannot load ${uri}: model.onnx does not open: ${reasonOf(cause)}`,
        cause,
      );
    },
  );
  return {
    inputs: session.inputMetadata.map((metadata) => toSpec(uri, metadata)),
    outputs: session.outputMetadata.map((metadata) => toSpec(uri, metadata)),
    async run(inputs: TensorMap, outputs?: readonly string[]): Promise<TensorMap> {
      const feeds: Record<string, ort.Tensor> = {};
      for (const [name, tensor] of Object.entries(inputs))
        feeds[name] = toOrtTensor(Tensor, tensor);
      const results = await (outputs === undefined
        ? session.run(feeds)
        : session.run(feeds, outputs));
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [name, fromOrtTensor(tensor)]),
      );
    },
    release: () => session.release(),
  };
}

/** Options of the package's allow-list over our defaults, in ONNX Runtime's words. */
export function sessionOptions(
  wanted: ModelManifest['session'],
): ort.InferenceSession.SessionOptions {
  const intraOpThreads = wanted.intra_op_threads ?? 1;
  const entries = {
    // Spinning threads burn a whole CPU each between runs (measured: 33 ms of CPU per request, not 13).
    ...(intraOpThreads > 1 ? { 'session.intra_op.allow_spinning': '0' } : {}),
    ...(wanted.disable_prepacking === true ? { 'session.disable_prepacking': '1' } : {}),
  };
  return {
    executionProviders: ['cpu'],
    // Only what is fatal: what it writes to stderr is not JSON, and errors are thrown as well.
    logSeverityLevel: 4,
    graphOptimizationLevel: wanted.graph_optimization_level ?? 'all',
    executionMode: wanted.execution_mode ?? 'sequential',
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: wanted.inter_op_threads ?? 1,
    enableCpuMemArena: wanted.enable_cpu_mem_arena ?? true,
    enableMemPattern: wanted.enable_mem_pattern ?? true,
    // Nested, as the binding flattens it; it passes strings on and nothing else.
    ...(Object.keys(entries).length === 0 ? {} : { extra: entries }),
  };
}

function toSpec(uri: string, metadata: ort.InferenceSession.ValueMetadata): TensorSpec {
  const { name } = metadata;
  if (!metadata.isTensor) {
    throw permanentError(
      `Cannot load ${uri}: "${name}" is no tensor; export the model with plain tensors (zipmap off)`,
    );
  }
  const datatype = datatypeOf(metadata.type);
  if (datatype === undefined) {
    throw permanentError(
      `Cannot load ${uri}: "${name}" is of type ${metadata.type}, which is not served`,
    );
  }
  const shape = metadata.shape.map((axis) => (typeof axis === 'number' ? axis : -1));
  return { name, datatype, shape };
}
