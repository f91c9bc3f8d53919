import { randomFillSync, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { ClientGoneError } from '../../runtime/client-gone.ts';
import { InvalidRequestError } from '../../runtime/errors.ts';

/** Steps of a request that `Server-Timing` shows, in milliseconds. */
export type Timings = Record<string, number>;

/** What is known of one request besides its body. */
export interface RequestContext {
  readonly requestId: string;
  /** W3C trace context, https://www.w3.org/TR/trace-context/#traceparent-header. */
  readonly traceparent: string;
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** On the clock of `performance.now()`: when the request's head had been read. */
  readonly startedMs: number;
  readonly timings: Timings;
  /** Whom the caller's token names; nobody until tokens are checked. */
  readonly subject?: string;
  /** Headers that the answer has, whatever it is; names in lower case. */
  readonly answerHeaders: Record<string, string>;
  /** True once the client's connection is gone. */
  isAbandoned(): boolean;
  /** Aborts once the client's connection is gone before the answer is out. */
  readonly signal: AbortSignal;
}

const REQUEST_ID = /^[\x21-\x7e]{1,256}$/;
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Reads ids and path of a request; makes the ids that are missing or not valid. */
export function readContext(request: IncomingMessage, response?: ServerResponse): RequestContext {
  return new HttpContext(request, response);
}

/**
 * A class, as an object literal with a getter gets a hidden class of its own each time, which V8 keeps, with all
 * that the getter can reach, until it next collects the old generation: 6 kB of every request.
 */
class HttpContext implements RequestContext {
  readonly requestId: string;
  readonly traceparent: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly startedMs = performance.now();
  readonly timings: Timings = {};
  readonly answerHeaders: Record<string, string> = {};
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse | undefined;
  readonly #search: string;
  #query: URLSearchParams | undefined;
  #gone: AbortController | undefined;

  constructor(request: IncomingMessage, response: ServerResponse | undefined) {
    const url = originForm(request.url ?? '/');
    const mark = url.indexOf('?');
    this.requestId = requestId(request.headers['x-request-id']);
    this.traceparent = traceparent(request.headers['traceparent']);
    this.method = request.method ?? 'GET';
    this.path = mark === -1 ? url : url.slice(0, mark);
    this.headers = request.headers;
    this.#request = request;
    this.#response = response;
    this.#search = mark === -1 ? '' : url.slice(mark + 1);
  }

  // Most requests look at neither of these two.
  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#search));
  }

  get signal(): AbortSignal {
    return (this.#gone ??= whenGone(this.#response)).signal;
  }

  isAbandoned(): boolean {
    return this.#request.socket.destroyed;
  }
}

function whenGone(response: ServerResponse | undefined): AbortController {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new ClientGoneError('The client went away'));
  if (response?.destroyed === true) abort();
  else
    response?.once('close', () => {
      if (!response.writableFinished) abort();
    });
  return controller;
}

/**
 * When the answer must be there: the configured time, or `X-Request-Timeout-Ms` if that is shorter.
 * @throws {InvalidRequestError} When the header is no whole number above 0.
 */
export function deadlineMs(context: RequestContext, configuredMs: number): number {
  const header = context.headers['x-request-timeout-ms'];
  if (header === undefined) return context.startedMs + configuredMs;
  const asked = Number(header);
  if (!Number.isInteger(asked) || asked <= 0) {
    throw new InvalidRequestError('X-Request-Timeout-Ms must be a whole number above 0');
  }
  return context.startedMs + Math.min(asked, configuredMs);
}

/** The id of the trace that a `traceparent` names. */
export function traceId(header: string): string {
  return header.slice(3, 35);
}

/** The path and query of a target that names the host as well, as RFC 9112, 3.2.2 has servers accept. */
function originForm(target: string): string {
  const authority = /^https?:\/\/[^/?#]*/i.exec(target)?.[0];
  if (authority === undefined) return target;
  const rest = target.slice(authority.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function requestId(header: string | string[] | undefined): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : randomUUID();
}

function traceparent(header: string | string[] | undefined): string {
  if (typeof header === 'string' && TRACEPARENT.test(header)) return header;
  return `00-${randomHex(16)}-${randomHex(8)}-00`;
}

const random = Buffer.allocUnsafeSlow(12 * 1024);
let used = random.length;

/** The digits of so many random bytes, from a pool: asking the system each time costs more than all else here. */
function randomHex(bytes: number): string {
  if (used + bytes > random.length) {
    randomFillSync(random);
    used = 0;
  }
  used += bytes;
  return random.toString('hex', used - bytes, used);
}
