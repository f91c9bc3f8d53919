import { iris } from '../../functions/iris/index.ts';
import { loadConfig } from '../../functions/runtime/config.ts';
import { createMetrics } from '../../functions/runtime/metrics.ts';
import { createEngine } from '../../functions/serving/engine/engine.ts';
import type { ModelService } from '../../functions/serving/service.ts';
import type { LoadedModel } from '../../models/loader/loaded-model.ts';

/** A service around a model without a process: iris' definition, the real engine, default settings. */
export function serviceOf(model: LoadedModel): ModelService {
  const config = loadConfig({ FUNCTION_TARGET: 'iris', MODEL_URI: 'file:models/iris' });
  const limits = {
    maxQueueRows: 100,
    maxQueueBytes: 1_000_000,
    maxQueueDelayMs: 0,
    maxRunMs: 55_000,
  };
  return {
    definition: iris,
    model,
    engine: createEngine(model, limits, createMetrics()),
    config,
    takeColdStart: () => undefined,
  };
}
