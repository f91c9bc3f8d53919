import type { TensorMap } from '../../runtime/tensor.ts';
import type { InferenceResult } from '../engine/request.ts';
import { deadlineMs } from '../http/request-context.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { ModelService } from '../service.ts';

/** What a request may ask for besides. */
export interface InferOptions {
  /** How long it may wait for the model. @default as long as its deadline lets it */
  readonly queueLimitMs?: number;
  /** Names of the outputs that are wanted. @default all */
  readonly outputs?: readonly string[];
}

/**
 * Runs one request's tensors with the deadline of its headers and the configuration, and notes in the
 * request's timings how long it waited and ran.
 */
export async function inferRows(
  { engine, config, takeColdStart }: ModelService,
  context: RequestContext,
  inputs: TensorMap,
  rows: number,
  { queueLimitMs = Infinity, outputs }: InferOptions = {},
): Promise<InferenceResult> {
  const result = await engine.infer({
    inputs,
    rows,
    ...(outputs === undefined ? {} : { outputs }),
    deadlineMs: deadlineMs(context, config.INFERENCE_TIMEOUT_MS),
    startByMs: performance.now() + queueLimitMs,
    isAbandoned: () => context.isAbandoned(),
  });
  // A request may run the model more than once.
  context.timings['queue'] = (context.timings['queue'] ?? 0) + result.queueMs;
  context.timings['infer'] = (context.timings['infer'] ?? 0) + result.inferMs;
  Object.assign(context.timings, takeColdStart());
  return result;
}
