import type { CloudEventV1 } from 'cloudevents';

import type { Attributes } from './attributes.ts';

/** One event, valid. */
export interface ReceivedEvent {
  /**
   * Attributes, extensions and data. Data are the JSON value, or text, or bytes, as their type says; with
   * `data: 'bytes'` they are left to `bytes`.
   */
  readonly event: CloudEventV1<unknown>;
  /** The data exactly as they were sent; `undefined` when the event has none. */
  readonly bytes: Buffer | undefined;
  /** The media type of `bytes`; where JSON leaves it out, `application/json`. */
  readonly contentType: string | undefined;
}

/** An HTTP message that may carry events: a request, or the answer to one. */
export interface HttpMessage {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Builds the event of the SDK from what has been checked. */
export function toEvent(attributes: Attributes, data: unknown): CloudEventV1<unknown> {
  return {
    ...(Object.fromEntries(attributes) as unknown as CloudEventV1<unknown>),
    ...(data === undefined ? {} : { data }),
  };
}
