import type { RequestContext } from '../../http/request-context.ts';
import { jsonReply } from '../../http/respond.ts';
import type { Reply, Route } from '../../http/route.ts';
import type { ModelService } from '../../service.ts';
import { describePredict } from './describe.ts';
import { envelopeOf } from './envelope.ts';
import { mediaTypesOf } from './media-types-of.ts';
import { prefersAsync, respondAsync } from './respond-async.ts';
import { readRequest } from './read-request.ts';
import { runInstances } from './run-instances.ts';

/** Typed requests for people: `POST /predict`, and `POST /infer`, which some models answer in another form. */
export function predictRoutes(service: ModelService): Route[] {
  const { definition } = service;
  const route = (path: string, enveloped: boolean): Route => ({
    method: 'POST',
    path,
    accepts: mediaTypesOf(definition.forms),
    predicts: true,
    describe: () => describePredict(definition, enveloped),
    handle: (context, _parameters, body) => predict(service, context, body, enveloped),
  });
  return [route('/predict', false), route('/infer', definition.output === 'enveloped')];
}

/** The answer of `/predict`, or of `/infer`: a bare instance gives its prediction, `instances` a list; one bad instance fails the request. */
export async function predict(
  service: ModelService,
  context: RequestContext,
  body: Buffer,
  enveloped: boolean,
): Promise<Reply> {
  if (prefersAsync(context.headers['prefer'])) return await respondAsync(service, context, body);
  const { instances, isList, options } = await readRequest(service.definition, context, body);
  const { predictions, batchSize } = await runInstances(service, context, instances, options);

  const envelope = envelopeOf(service, context, batchSize);
  if (enveloped)
    return jsonReply(200, { output: isList ? predictions : predictions[0], ...envelope });
  const answer = isList ? { predictions } : (predictions[0] as Record<string, unknown>);
  return jsonReply(200, { ...answer, ...envelope });
}
