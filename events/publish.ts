import { setTimeout as delay } from 'node:timers/promises';

import type { CloudEventV1 } from 'cloudevents';

import { binaryMessage, createEvent, structuredMessage } from './message.ts';
import type { EventParts } from './message.ts';
import { outcomeOfStatus } from './outcome.ts';

/** Where and how to publish. */
export interface PublishOptions {
  /** A broker's address, or any other receiver of events. */
  readonly url: string;
  /** Bearer token, for receivers that want one. */
  readonly token?: string | undefined;
  /** @default 'binary' */
  readonly mode?: 'binary' | 'structured';
  /** Longest time for all attempts together, in milliseconds. @default 5000 */
  readonly deadlineMs?: number;
  /** How often to try in all. @default 4 */
  readonly attempts?: number;
  /** The pause after the first failure, doubled after each further one, in milliseconds. @default 100 */
  readonly backoffMs?: number;
  readonly signal?: AbortSignal;
  /** Clock and chance, for tests. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
}

/** The receiver did not take an event. */
export class PublishError extends Error {
  override readonly name = 'PublishError';
  /** Of the last answer; `undefined` when there was none. */
  readonly status: number | undefined;
  /** Whether the receiver may take the same event later. */
  readonly isTransient: boolean;

  constructor(
    message: string,
    options: ErrorOptions & {
      readonly status?: number | undefined;
      readonly isTransient: boolean;
    },
  ) {
    super(message, options);
    this.status = options.status;
    this.isTransient = options.isTransient;
  }
}

interface Answer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
}

/**
 * Sends an event and resolves once the receiver has answered 2xx: then it has it, and before that nothing is
 * certain. What the receiver may take later (no answer, 404, 408, 409, 429, 5xx) is tried again with backoff, not
 * before its `Retry-After`.
 * @throws {PublishError} When it was refused, or not taken within the attempts and the deadline.
 */
export async function publish(parts: EventParts, options: PublishOptions): Promise<void> {
  const { deadlineMs = 5000, attempts = 4, backoffMs = 100, random = Math.random } = options;
  const { wait = waitFor } = options;
  const event = createEvent(parts);
  const timeout = AbortSignal.timeout(deadlineMs);
  const signal =
    options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const endsMs = performance.now() + deadlineMs;

  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(event, options, signal);
    if (!(answer instanceof Error) && outcomeOfStatus(answer.status) === 'acknowledge') return;
    const failure = toPublishError(answer, options.url);
    if (!failure.isTransient || attempt >= attempts || signal.aborted) throw failure;
    const backoff = backoffMs * 2 ** (attempt - 1) * (0.5 + random() / 2);
    const asked = answer instanceof Error ? 0 : (answer.retryAfterMs ?? 0);
    const pauseMs = Math.max(backoff, asked);
    // What would end in the pause can end now.
    if (performance.now() + pauseMs >= endsMs) throw failure;
    await wait(pauseMs, signal).catch(() => {
      throw failure;
    });
  }
}

/** One attempt: the answer, or why there is none. */
async function send(
  event: CloudEventV1<unknown>,
  { url, token, mode }: PublishOptions,
  signal: AbortSignal,
): Promise<Answer | Error> {
  const message = mode === 'structured' ? structuredMessage(event) : binaryMessage(event);
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        ...message.headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: message.body,
      signal,
    });
    await response.arrayBuffer();
    const { status, headers } = response;
    return { status, retryAfterMs: retryAfterMs(headers.get('retry-after')) };
  } catch (cause) {
    return cause as Error;
  }
}

function toPublishError(answer: Answer | Error, url: string): PublishError {
  if (answer instanceof Error) {
    return new PublishError(`${url} did not answer: ${answer.message}`, {
      cause: answer,
      isTransient: true,
    });
  }
  const { status } = answer;
  return new PublishError(`${url} answered ${status}`, {
    status,
    isTransient: outcomeOfStatus(status) === 'retry',
  });
}

/** RFC 9110, 10.2.3: seconds, or a date. */
export function retryAfterMs(header: string | null | undefined): number | undefined {
  if (header === null || header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal });
}
