import { createHash } from 'node:crypto';

import type { CloudEventV1 } from 'cloudevents';

import type { EventParts } from './message.ts';
import type { EventType } from './types.ts';

/** What a reply says for itself. */
export interface ReplyParts {
  readonly type: EventType;
  /** Who replies. */
  readonly source: string;
  readonly subject?: string | undefined;
  /** Its own extensions. */
  readonly extensions?: Readonly<Record<string, string>>;
}

/** Extensions of a request that its reply keeps: its trace, and what it is ordered by. */
const KEPT = ['traceparent', 'tracestate', 'partitionkey'] as const;

/**
 * The attributes of a reply to `request`. The same request, delivered again, gets a reply of the same id.
 * `correlationid` is the request's own, else its id; `causationid` its id.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/correlation.md
 */
export function replyTo(request: CloudEventV1<unknown>, reply: ReplyParts): EventParts {
  const correlation = request['correlationid'];
  return {
    id: replyId(request),
    source: reply.source,
    type: reply.type,
    ...(reply.subject === undefined ? {} : { subject: reply.subject }),
    correlationid: typeof correlation === 'string' ? correlation : request.id,
    causationid: request.id,
    ...Object.fromEntries(
      KEPT.flatMap((name) => (request[name] === undefined ? [] : [[name, request[name]] as const])),
    ),
    ...reply.extensions,
  };
}

/** The first 32 digits of the hexadecimal sha256 of the JSON `[source,id]` of the request. */
export function replyId({ source, id }: Pick<CloudEventV1<unknown>, 'source' | 'id'>): string {
  return createHash('sha256')
    .update(JSON.stringify([source, id]))
    .digest('hex')
    .slice(0, 32);
}
