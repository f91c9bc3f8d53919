import type * as z from 'zod';

import type { ModelFacts } from '../models/loader/loaded-model.ts';
import type { TensorMap } from './runtime/tensor.ts';

/**
 * One deployable model: everything the platform cannot know by itself. Routes, OpenAPI, the Open Inference
 * Protocol, batching and error handling derive from it.
 */
export interface ModelDefinition<Instance, Prediction> {
  /** The model's name in URLs, metrics and events. */
  readonly name: string;
  /** One thing to predict on; units and ranges in `.describe()`. */
  readonly request: z.ZodType<Instance>;
  /** One prediction. May not use a name of the answer's envelope ({@link ENVELOPE_NAMES}). */
  readonly response: z.ZodType<Prediction>;
  /**
   * Reads what the package brings for this function alone (`model.assets`), once, before the model is ready:
   * what is wrong there must end the start, not fail a request.
   * @throws {Error} Saying what is wrong; it becomes a permanent `ModelLoadError`.
   */
  prepare?(model: ModelFacts): void;
  /** N instances to tensors with N rows each, in the same order. */
  preprocess(instances: readonly Instance[], model: ModelFacts): TensorMap;
  /** All outputs, N rows each, to N predictions in the same order. */
  postprocess(
    outputs: TensorMap,
    instances: readonly Instance[],
    model: ModelFacts,
  ): readonly Prediction[];
}

/** A definition whose instance type is the platform's business no more. */
// oxlint-disable-next-line typescript/no-explicit-any -- the two types only meet inside one definition
export type AnyModelDefinition = ModelDefinition<any, any>;

/** Names that the `/predict` answer uses itself. */
const ENVELOPE_NAMES = [
  'model_name',
  'model_version',
  'request_id',
  'processing_time_ms',
  'batch_size',
] as const;

/**
 * Checks and returns a model definition.
 * @throws {TypeError} When the response schema uses a name of the envelope.
 */
export function defineModel<Instance, Prediction>(
  definition: ModelDefinition<Instance, Prediction>,
): ModelDefinition<Instance, Prediction> {
  const fields = (definition.response as { shape?: Record<string, unknown> }).shape ?? {};
  const taken = ENVELOPE_NAMES.filter((name) => name in fields);
  if (taken.length > 0) {
    throw new TypeError(
      `Cannot define "${definition.name}" as its response uses ${taken.join(', ')}`,
    );
  }
  return definition;
}
