import { createHash, timingSafeEqual } from 'node:crypto';

import type { JobEvent } from '../../events/jobs/job-events.ts';
import { objectCreated } from '../../events/uploads/upload.ts';
import { parseJson } from '../inputs/parse-json.ts';
import { UnauthorizedError, BrokerUnavailableError } from '../runtime/errors.ts';
import type { RequestContext } from '../serving/http/request-context.ts';
import { jsonReply } from '../serving/http/respond.ts';
import type { Reply, Route } from '../serving/http/route.ts';
import { readNotification } from './read-notification.ts';

/** What hearing of uploads takes. */
export interface UploadsContext {
  /** What the store sends as bearer token. */
  readonly token: string;
  /** Of each bucket that we hear of. */
  readonly tenants: ReadonlyMap<string, string>;
  /** Resolves once the broker has taken the event. @throws {Error} When it did not. */
  readonly publish: (event: JobEvent) => Promise<void>;
  readonly warn: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** A record takes 2 kB, and with it the longest key and all the metadata that an object may have 10 kB. */
const MAX_BODY_BYTES = 256 * 1024;
const RETRY_AFTER_SECONDS = 5;

/** `POST /s3-events`: where a store tells of objects, as MinIO's webhook does. */
export function uploadsRoutes(context: UploadsContext): Route[] {
  return [
    {
      method: 'POST',
      path: '/s3-events',
      accepts: ['application/json'],
      maxBodyBytes: MAX_BODY_BYTES,
      handle: (request, _, body) => hear(context, request, body),
    },
  ];
}

/**
 * 200 once the broker has all that there is to score. What is no upload is answered so too: a store repeats
 * what it is refused for ever, and keeps all others waiting behind it.
 */
async function hear(
  context: UploadsContext,
  { headers }: RequestContext,
  body: Buffer,
): Promise<Reply> {
  requireToken(context.token, headers.authorization);
  const events: JobEvent[] = [];
  const ignored: { key: string; reason: string }[] = [];
  for (const one of readNotification(parseJson(body), context.tenants)) {
    if ('upload' in one) events.push(objectCreated(one.upload, one.address));
    else ignored.push({ key: one.key, reason: one.ignored });
  }
  try {
    for (const event of events) await context.publish(event);
  } catch (cause) {
    throw new BrokerUnavailableError('The broker does not take the event', {
      cause,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
  for (const { key, reason } of ignored) {
    if (!QUIET.has(reason)) context.warn('An object is no upload', { key, reason });
  }
  return jsonReply(200, { events: events.map(({ id }) => id), ignored });
}

/** What stores tell of besides, as a matter of course. */
const QUIET: ReadonlySet<string> = new Set(['NOT_CREATED', 'FOLDER']);

/** @throws {UnauthorizedError} When the caller does not have the token. */
function requireToken(token: string, authorization: string | undefined): void {
  const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  // Digests are of one length, and comparing them takes one time.
  const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
  if (given !== undefined && timingSafeEqual(digestOf(given), digestOf(token))) return;
  throw new UnauthorizedError('The bearer token of the store is missing, or another one');
}
