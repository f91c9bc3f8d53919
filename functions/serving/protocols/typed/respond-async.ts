import { isJsonObject, parseJson } from '../../../inputs/parse-json.ts';
import { InvalidRequestError, QueueFullError } from '../../../runtime/errors.ts';
import { mediaTypeName } from '../../http/media-type.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { jsonReply } from '../../http/respond.ts';
import type { Reply } from '../../http/route.ts';
import type { ModelService } from '../../service.ts';
import { readRequest } from './read-request.ts';

const TIMEOUT_MS = 10_000;
const RETRY_AFTER_SECONDS = 5;

/**
 * Whether a caller does not wait for the answer. A preference may be ignored, but not this one.
 * https://www.rfc-editor.org/rfc/rfc7240#section-4.1
 */
export function prefersAsync(prefer: string | string[] | undefined): boolean {
  if (prefer === undefined) return false;
  const preferences = String(prefer).split(/[,;]/);
  return preferences.some((one) => one.trim().toLowerCase() === 'respond-async');
}

/**
 * Makes a batch job of a request: a record for each of its instances. Answers 202, with the job's address in
 * `Location`. The same request again is the same job.
 * @throws {InvalidRequestError} When the request is not valid, or a job cannot be made of it.
 * @throws {QueueFullError} When jobs cannot be taken now.
 */
export async function respondAsync(
  service: ModelService,
  context: RequestContext,
  body: Buffer,
): Promise<Reply> {
  const { config, definition, model } = service;
  const { BATCH_URL: url } = config;
  if (url === undefined) {
    throw new InvalidRequestError(
      'Prefer: respond-async is not served here, where there are no batch jobs. Leave it out, and wait for the answer',
    );
  }
  // What is wrong is said now, and not by a job that fails.
  await readRequest(definition, context, body);
  if (context.query.size > 0) {
    throw new InvalidRequestError('Prefer: respond-async takes no options: jobs have none');
  }
  const { name, version } = model.manifest;
  const address = `${url.replace(/\/+$/, '')}/v1/batches`;
  const query = new URLSearchParams({ model: name, version: String(version) });
  const answer = await post(`${address}?${query.toString()}`, context, recordsOf(context, body));
  const { id } = answer as { readonly id: string };
  return jsonReply(202, answer, {
    location: `${address}/${id}`,
    'preference-applied': 'respond-async',
  });
}

interface Records {
  readonly type: string;
  readonly body: string | Buffer;
}

function recordsOf({ headers }: RequestContext, body: Buffer): Records {
  const type = mediaTypeName(headers['content-type'] ?? 'application/json');
  if (type === 'multipart/form-data') {
    throw new InvalidRequestError('Prefer: respond-async takes JSON or a file, not a form');
  }
  if (type !== 'application/json') return { type, body };
  const value = parseJson(body);
  const isList = isJsonObject(value) && Object.hasOwn(value, 'instances');
  const instances = isList ? (value['instances'] as readonly unknown[]) : [value];
  const lines = instances.map((one) => `${JSON.stringify(one)}\n`).join('');
  return { type: 'application/x-ndjson', body: lines };
}

async function post(url: string, context: RequestContext, records: Records): Promise<unknown> {
  const { requestId, traceparent } = context;
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': records.type, 'x-request-id': requestId, traceparent },
      body: Buffer.from(records.body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw unavailable(cause);
  }
  const answer = (await response.json().catch(() => undefined)) as
    | { readonly error?: { readonly message?: string } }
    | undefined;
  if (response.ok) return answer;
  if (response.status >= 500 || response.status === 429) throw unavailable(answer);
  throw new InvalidRequestError(
    `A batch job cannot be made of the request: ${answer?.error?.message ?? response.status}`,
  );
}

function unavailable(cause: unknown): QueueFullError {
  return new QueueFullError('Batch jobs cannot be taken now', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    cause,
  });
}
