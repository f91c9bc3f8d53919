import type { RequestContext } from '../../http/request-context.ts';
import { jsonReply } from '../../http/respond.ts';
import type { Reply } from '../../http/route.ts';
import type { ModelService } from '../../service.ts';
import { inferRows } from '../infer-rows.ts';
import { countRows } from '../tensors/check-spec.ts';
import { readColumns } from './read-columns.ts';
import type { Columns } from './read-columns.ts';
import { readInputs } from './read-inputs.ts';
import { readWholeInputs } from './read-whole-inputs.ts';
import { predictionsOf, wholePrediction } from './predictions-of.ts';

/** `POST /v1/models/{model}:predict`: instances in rows or columns, predictions in rows. */
export async function predict(
  service: ModelService,
  context: RequestContext,
  body: Buffer,
): Promise<Reply> {
  const { model } = service;
  const whole = model.manifest.batch === undefined ? readWholeInputs(model, body) : undefined;
  if (whole !== undefined) return predictEach(service, context, whole);
  const startedMs = performance.now();
  const inputs = readInputs(model, readColumns(model, body));
  const rows = countRows(model, inputs);
  context.timings['preprocess'] = performance.now() - startedMs;

  const { outputs } = await inferRows(service, context, inputs, rows);

  const inferredMs = performance.now();
  const [first] = Object.values(inputs);
  const predictions = predictionsOf(model, outputs, first?.shape[0] ?? 0);
  const reply = jsonReply(200, { predictions });
  context.timings['postprocess'] = performance.now() - inferredMs;
  return reply;
}

/** Instances that are runs of their own, one after the other. */
async function predictEach(
  service: ModelService,
  context: RequestContext,
  instances: readonly Columns[],
): Promise<Reply> {
  const { model } = service;
  const inputs = instances.map((columns) => readInputs(model, columns));
  const predictions: unknown[] = [];
  for (const tensors of inputs) {
    const { outputs } = await inferRows(service, context, tensors, 1);
    predictions.push(wholePrediction(model, outputs));
  }
  return jsonReply(200, { predictions });
}
