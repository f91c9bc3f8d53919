import { structuredText, type EventMessage } from '../../../events/message.ts';
import { outcomeOfStatus, type Outcome } from '../../../events/outcome.ts';
import { retryAfterMs } from '../../../events/publish.ts';
import { looksLikeEvent, receive } from '../../../events/receive.ts';
import { MEDIA_TYPES } from '../../../events/types.ts';
import { isJsonType } from '../../../events/wire/attributes.ts';
import { encodeHeader } from '../../../events/wire/header-values.ts';
import type { ReceivedEvent } from '../../../events/wire/received-event.ts';
import type { StoredEvent } from './stored-event.ts';

/** What came of one attempt. */
export interface Delivery {
  readonly outcome: Outcome;
  /** Of the answer; 500 without one, as Knative has it. */
  readonly code: number;
  /** What the receiver said, or why there is no answer. */
  readonly body: Buffer;
  readonly retryAfterMs: number | undefined;
  /** An event that the receiver answered with. */
  readonly reply: ReceivedEvent | undefined;
}

/** How to deliver. */
export interface DeliverOptions {
  readonly url: string;
  readonly namespace: string;
  readonly format: 'binary' | 'json';
  readonly timeoutMs: number;
  /** Extensions beside its own. */
  readonly extensions?: Readonly<Record<string, string | number>>;
}

/** An answer may be as large as an event. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Delivers an event once, as Knative's dispatcher does. Never rejects. */
export async function deliver(event: StoredEvent, options: DeliverOptions): Promise<Delivery> {
  const { url, namespace, format, timeoutMs, extensions = {} } = options;
  const write = format === 'json' ? structuredOf : binaryOf;
  const { headers, body } = write(event, { ...event.attributes, ...extensions });
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { ...event.headers, ...headers, Prefer: 'reply', 'Kn-Namespace': namespace },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return classify(response, await readAnswer(response));
  } catch (cause) {
    const { message, cause: inner } = cause as Error;
    const why = inner instanceof Error ? `${message}: ${inner.message}` : message;
    return failed(500, 'retry', Buffer.from(why));
  }
}

type Attributes = StoredEvent['attributes'];

/** As it came: the SDK would check it by rules of its own, and shorten its time. */
function binaryOf({ contentType, data }: StoredEvent, attributes: Attributes): EventMessage {
  const headers = Object.entries(attributes).map(
    ([name, value]) => [`ce-${name}`, encodeHeader(String(value))] as const,
  );
  const type = contentType === undefined ? {} : { 'content-type': contentType };
  return { headers: { ...Object.fromEntries(headers), ...type }, body: data ?? '' };
}

function structuredOf({ contentType, data }: StoredEvent, attributes: Attributes): EventMessage {
  const isJson = data !== undefined && contentType !== undefined && isJsonType(contentType);
  const event = {
    ...(attributes as Attributes & {
      specversion: string;
      id: string;
      source: string;
      type: string;
    }),
    ...(contentType === undefined ? {} : { datacontenttype: contentType }),
    ...(data === undefined ? {} : { data }),
  };
  const json = isJson ? jsonText(data) : undefined;
  return { headers: { 'content-type': MEDIA_TYPES.event }, body: structuredText(event, json) };
}

/** A broker does not look into data: what calls itself JSON need not be. */
function jsonText(data: Buffer): string | undefined {
  const text = data.toString('utf8');
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

async function readAnswer(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > MAX_ANSWER_BYTES)
      throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

/** What an answer means. One that succeeded must be empty or an event: Knative makes 502 of everything else. */
function classify({ status, headers }: Response, body: Buffer): Delivery {
  const outcome = outcomeOfStatus(status);
  if (outcome !== 'acknowledge') {
    return {
      ...failed(status, outcome, body),
      retryAfterMs: retryAfterMs(retryAfter(status, headers)),
    };
  }
  const message = { headers: Object.fromEntries(headers), body };
  if (looksLikeEvent(message)) {
    try {
      const { events } = receive(message, { batched: false, data: 'bytes' });
      return { ...failed(status, outcome, body), reply: events[0] };
    } catch (cause) {
      return failed(502, 'retry', Buffer.from((cause as Error).message));
    }
  }
  if (body.length === 0) return failed(status, outcome, body);
  return failed(502, 'retry', Buffer.from('the answer is neither empty nor a CloudEvent'));
}

/** Knative looks at it for these two only. */
function retryAfter(status: number, headers: Headers): string | null {
  return status === 429 || status === 503 ? headers.get('retry-after') : null;
}

function failed(code: number, outcome: Outcome, body: Buffer): Delivery {
  return { outcome, code, body, retryAfterMs: undefined, reply: undefined };
}
