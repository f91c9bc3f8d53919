import { InvalidRequestError } from '../../../runtime/errors.ts';
import { checkMediaType } from '../../http/read-body.ts';
import type { RequestContext } from '../../http/request-context.ts';
import type { Reply, Route } from '../../http/route.ts';
import type { EventWork } from '../../event-work.ts';
import type { ModelService } from '../../service.ts';
import { infer } from '../open-inference/infer.ts';
import { mediaTypesOf } from '../typed/media-types-of.ts';
import { predict } from '../typed/predict.ts';

/**
 * Where CloudEvents arrive: a request for a prediction is answered with its reply, one for work (a chunk of a batch
 * job) with nothing, once it is done.
 */
export function eventRoute(service: ModelService, work?: EventWork): Route {
  return {
    method: 'POST',
    path: '/',
    predicts: true,
    describe: () => ({
      summary: 'A CloudEvent that asks for a prediction; answered with its reply',
      responseContent: { 'application/json': { schema: {} } },
    }),
    async handle(context, _parameters, body) {
      // Nothing of events is loaded before the first of them.
      const { answerInference } = await import('../../../../events/inference.ts');
      const { name } = service.model.manifest;
      return await answerInference(
        { headers: context.headers, body },
        {
          name,
          async infer(data, contentType) {
            checkMediaType(contentType, { accepts: ['application/json'], acceptsNoType: true });
            return jsonOf(await infer(service, eventContext(context, contentType), data));
          },
          async predict(data, contentType) {
            const accepts = mediaTypesOf(service.definition.forms);
            checkMediaType(contentType, { accepts, acceptsNoType: true });
            const type = contentType ?? 'application/json';
            return jsonOf(await predict(service, eventContext(context, type), data, false));
          },
          work: work && ((event) => work.take(event)),
          async store(key, json, replyId) {
            const { storeAnswer } = await import('./store-answer.ts');
            return await storeAnswer(service.config, key, json, replyId);
          },
        },
      );
    },
  };
}

/** The request as its data see it: of its headers, only the type of the data means something to them. */
function eventContext(context: RequestContext, contentType: string | undefined): RequestContext {
  const { requestId, traceparent, method, path, startedMs, timings, answerHeaders } = context;
  return {
    requestId,
    traceparent,
    method,
    path,
    startedMs,
    timings,
    answerHeaders,
    headers: {
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      'x-request-timeout-ms': context.headers['x-request-timeout-ms'],
    },
    get query() {
      return context.query;
    },
    get signal() {
      return context.signal;
    },
    isAbandoned: () => context.isAbandoned(),
  };
}

function jsonOf({ body, contentType }: Reply): string {
  if (typeof body === 'string' && contentType === 'application/json') return body;
  throw new InvalidRequestError('Events carry JSON only: ask for no binary outputs');
}
