import type { InferenceRequestBody } from './schema.ts';
import { InvalidRequestError } from '../../../runtime/errors.ts';
import type { RequestContext } from '../../http/request-context.ts';
import type { Reply } from '../../http/route.ts';
import type { ModelService } from '../../service.ts';
import { inferRows } from '../infer-rows.ts';
import { countRows } from '../tensors/check-spec.ts';
import { inferenceReply } from './inference-reply.ts';
import { readInputs } from './read-inputs.ts';
import { readRequest } from './read-request.ts';
import { wantedOutputs } from './wanted-outputs.ts';

/** `POST /v2/models/{model}[/versions/{version}]/infer`, with JSON tensors, binary ones, or both. */
export async function infer(
  service: ModelService,
  context: RequestContext,
  body: Buffer,
): Promise<Reply> {
  const { model } = service;
  const startedMs = performance.now();
  const message = readRequest(model, context, body);
  const wanted = wantedOutputs(model, message.request);
  const inputs = await readInputs(model, message);
  const rows = countRows(model, inputs);
  context.timings['preprocess'] = performance.now() - startedMs;

  const { outputs } = await inferRows(service, context, inputs, rows, {
    queueLimitMs: queueLimitMs(message.request),
    outputs: wanted.map(({ name }) => name),
  });

  const inferredMs = performance.now();
  const id = message.request.id ?? context.requestId;
  const reply = await inferenceReply(model, id, wanted, outputs);
  context.timings['postprocess'] = performance.now() - inferredMs;
  return reply;
}

/** The protocol's `timeout`, in microseconds: how long a request may wait for the model. None, or 0, is no limit. */
function queueLimitMs({ parameters = {} }: InferenceRequestBody): number {
  const { timeout = 0 } = parameters;
  if (typeof timeout !== 'number' || !Number.isInteger(timeout) || timeout < 0) {
    throw new InvalidRequestError(
      'The parameter "timeout" must be a whole number of microseconds, 0 for none',
    );
  }
  return timeout === 0 ? Infinity : timeout / 1000;
}
