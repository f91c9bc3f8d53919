import type { AnyEndpoint } from '../../../endpoint.ts';
import { negotiate } from '../../http/negotiate.ts';
import { deadlineMs } from '../../http/request-context.ts';
import type { RequestContext } from '../../http/request-context.ts';
import type { Reply, Route, StreamedReply } from '../../http/route.ts';
import type { ModelService } from '../../service.ts';
import { describeEndpoint } from './describe.ts';
import { envelopeOf } from './envelope.ts';
import { mediaTypesOf } from './media-types-of.ts';
import { readInstance } from './read-request.ts';
import { predictEach } from './run-instances.ts';

/** The routes that a model's definition has beside the usual ones. */
export function endpointRoutes(service: ModelService): Route[] {
  return (service.definition.endpoints ?? []).map((endpoint) => {
    const produces = answerTypes(endpoint);
    return {
      method: 'POST',
      path: endpoint.path,
      accepts: mediaTypesOf(endpoint.forms),
      ...(produces.length === 1 ? {} : { produces }),
      ...(endpoint.maxBodyBytes === undefined ? {} : { maxBodyBytes: endpoint.maxBodyBytes }),
      predicts: true,
      describe: () => describeEndpoint(endpoint, produces),
      handle: (context, _parameters, body) => serve(service, endpoint, produces, context, body),
    };
  });
}

/** What an endpoint's answer comes as; JSON is always among them, and the first. */
function answerTypes({ produces = {} }: AnyEndpoint): string[] {
  return [...new Set(['application/json', ...Object.keys(produces)])];
}

async function serve(
  service: ModelService,
  endpoint: AnyEndpoint,
  produces: readonly string[],
  context: RequestContext,
  body: Buffer,
): Promise<Reply | StreamedReply> {
  const type =
    produces.length === 1 ? 'application/json' : negotiate(context.headers.accept, produces);
  const { instance, options } = await readInstance(endpoint, context, body);
  const { predictions, batchSize } = await predictEach(
    service,
    endpoint,
    context,
    [instance],
    options,
  );
  const [answer] = predictions;
  const envelope = envelopeOf(service, context, batchSize);
  const written =
    endpoint.produces?.[type]?.(answer, { options, envelope }) ??
    JSON.stringify({ ...(answer as object), ...envelope });

  const head = {
    status: 200,
    contentType: type.startsWith('text/') ? `${type}; charset=utf-8` : type,
    // Caches must not give one caller's form to another.
    ...(produces.length === 1 ? {} : { headers: { vary: 'accept' } }),
  };
  if (typeof written === 'string' || written instanceof Uint8Array)
    return { ...head, body: written };
  const { INFERENCE_TIMEOUT_MS } = service.config;
  return { ...head, stream: written, deadlineMs: deadlineMs(context, INFERENCE_TIMEOUT_MS) };
}
