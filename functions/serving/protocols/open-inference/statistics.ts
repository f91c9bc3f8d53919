import type { Duration, EngineStatistics } from '../../engine/statistics.ts';
import type { ModelService } from '../../service.ts';

type Compute = Pick<EngineStatistics, 'computeInput' | 'computeInfer' | 'computeOutput'>;

/**
 * What the model has done since the process started, in the form of Triton's statistics extension. Nothing is
 * cached, so nothing is hit or missed.
 * https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_statistics.md
 */
export function modelStatistics({ model, engine }: ModelService): unknown {
  const { name, version } = model.manifest;
  const statistics = engine.statistics();
  const none: Duration = { count: 0, ns: 0 };
  return {
    model_stats: [
      {
        name,
        version: String(version),
        last_inference: statistics.lastInferenceMs,
        inference_count: statistics.inferenceCount,
        execution_count: statistics.executionCount,
        inference_stats: {
          success: statistics.success,
          fail: statistics.fail,
          queue: statistics.queue,
          ...computeOf(statistics),
          cache_hit: none,
          cache_miss: none,
        },
        batch_stats: statistics.batches.map((batch) => ({
          batch_size: batch.batchSize,
          ...computeOf(batch),
        })),
      },
    ],
  };
}

function computeOf({ computeInput, computeInfer, computeOutput }: Compute): object {
  return {
    compute_input: computeInput,
    compute_infer: computeInfer,
    compute_output: computeOutput,
  };
}
