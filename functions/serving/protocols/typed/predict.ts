import { InvalidRequestError } from '../../../runtime/errors.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { jsonReply } from '../../http/respond.ts';
import type { Reply, Route } from '../../http/route.ts';
import type { ModelService } from '../../service.ts';
import { inferRows } from '../infer-rows.ts';
import { isJsonObject, parseJson } from '../parse-json.ts';
import { validateAll } from '../validate.ts';

/** Typed JSON for people: `POST /predict`, and `POST /infer` as the same. */
export function predictRoutes(service: ModelService): Route[] {
  const route = (path: string): Route => ({
    method: 'POST',
    path,
    accepts: ['application/json'],
    predicts: true,
    handle: (context, _parameters, body) => predict(service, context, body),
  });
  return [route('/predict'), route('/infer')];
}

/** A bare instance gives its prediction flat, `instances` a list; one bad instance fails the request. */
async function predict(
  service: ModelService,
  context: RequestContext,
  body: Buffer,
): Promise<Reply> {
  const { definition, model } = service;
  const value = parseJson(body);
  const list = isJsonObject(value) && Object.hasOwn(value, 'instances');
  const instances = validateAll(
    definition.request,
    list ? listed(value) : [value],
    list ? 'The list of instances' : 'The instance',
  );

  const startedMs = performance.now();
  const inputs = definition.preprocess(instances, model);
  context.timings['preprocess'] = performance.now() - startedMs;

  const { outputs, batchSize } = await inferRows(service, context, inputs, instances.length);

  const inferredMs = performance.now();
  const predictions = definition.postprocess(outputs, instances, model);
  const answeredMs = performance.now();
  context.timings['postprocess'] = answeredMs - inferredMs;

  const envelope = {
    model_name: model.manifest.name,
    model_version: String(model.manifest.version),
    request_id: context.requestId,
    processing_time_ms: answeredMs - context.startedMs,
    batch_size: batchSize,
  };
  const answer = list ? { predictions } : (predictions[0] as Record<string, unknown>);
  return jsonReply(200, { ...answer, ...envelope });
}

function listed(value: Record<string, unknown>): unknown[] {
  const { instances, ...others } = value;
  const unknown = Object.keys(others);
  if (unknown.length > 0) {
    throw new InvalidRequestError('Beside "instances" no other key is known', {
      details: [{ path: unknown.join(', ').slice(0, 200), message: 'Unrecognized key' }],
    });
  }
  if (!Array.isArray(instances) || instances.length === 0) {
    throw new InvalidRequestError('"instances" must be a list with at least one instance', {
      details: [{ path: 'instances', message: 'Must be a list with at least one instance' }],
    });
  }
  return instances;
}
