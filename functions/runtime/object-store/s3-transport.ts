import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';

/** The part of the SDK's request that travels. */
interface OutgoingRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** What the SDK reads of an answer. */
interface Answer {
  readonly response: {
    readonly statusCode: number;
    readonly reason: string | undefined;
    readonly headers: Record<string, string>;
    readonly body: IncomingMessage;
  };
}

/** When to give a connection up. */
export interface TransportLimits {
  /** Longest time to an open connection, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Longest time without a byte in either direction, in milliseconds. */
  readonly idleTimeoutMs: number;
}

const AGENT_OPTIONS = { keepAlive: true, maxSockets: 50 };

/**
 * The SDK's connection to the store. The SDK's own handler (smithy 4.14) is not used because its idle
 * timeout also strikes when it is the *reader* of a body who pauses, and below 6 s it is measured from
 * another moment than above.
 */
export class S3Transport {
  readonly metadata = { handlerProtocol: 'http/1.1' };
  readonly #limits: TransportLimits;
  readonly #http = new HttpAgent(AGENT_OPTIONS);
  #https: HttpsAgent | undefined;

  constructor(limits: TransportLimits) {
    this.#limits = limits;
  }

  /** Sends one request; resolves with the head of the answer, its body still streaming. */
  async handle(
    request: OutgoingRequest,
    options: { readonly abortSignal?: unknown } = {},
  ): Promise<Answer> {
    const open = request.protocol === 'https:' ? await this.#secure() : this.#plain();
    // The SDK's own type of signal is a smaller one; ours is the platform's.
    const abortSignal =
      options.abortSignal instanceof AbortSignal ? options.abortSignal : undefined;
    return await new Promise((resolve, reject) => {
      if (abortSignal?.aborted === true) {
        reject(abortError(abortSignal));
        return;
      }
      const outgoing = open(optionsOf(request));
      let incoming: IncomingMessage | undefined;
      const giveUp = (error: Error): void => {
        incoming?.destroy(error);
        outgoing.destroy(error);
        reject(error);
      };

      outgoing.on('error', reject);
      outgoing.once('response', (response) => {
        incoming = response;
        const { statusCode = 0, statusMessage: reason } = response;
        const headers = plainHeaders(response);
        resolve({ response: { statusCode, reason, headers, body: response } });
      });
      watchSocket(outgoing, this.#limits, giveUp);
      if (abortSignal !== undefined) {
        const onAbort = (): void => giveUp(abortError(abortSignal));
        abortSignal.addEventListener('abort', onAbort, { once: true });
        outgoing.once('close', () => abortSignal.removeEventListener('abort', onAbort));
      }
      outgoing.end(request.body);
    });
  }

  /** Closes all connections. */
  destroy(): void {
    this.#http.destroy();
    this.#https?.destroy();
  }

  /** Part of the SDK's handler interface; nothing here changes after construction. */
  updateHttpClientConfig(): void {}

  /** Part of the SDK's handler interface. */
  httpHandlerConfigs(): Record<string, never> {
    return {};
  }

  #plain(): (options: RequestOptions) => ClientRequest {
    return (options) => httpRequest({ ...options, agent: this.#http });
  }

  /** Loaded when it is needed: stores inside a cluster speak plain http, and TLS costs a start 4 ms. */
  async #secure(): Promise<(options: RequestOptions) => ClientRequest> {
    const { Agent, request } = await import('node:https');
    const agent = (this.#https ??= new Agent(AGENT_OPTIONS));
    return (options) => request({ ...options, agent });
  }
}

function optionsOf(request: OutgoingRequest): RequestOptions {
  const query = queryString(request.query ?? {});
  return {
    method: request.method,
    host: request.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: request.port,
    path: query === '' ? request.path : `${request.path}?${query}`,
    headers: request.headers,
  };
}

/** Applies the limits to the socket of `outgoing`, whether new or kept alive, until the request is over. */
function watchSocket(
  outgoing: ClientRequest,
  limits: TransportLimits,
  giveUp: (error: Error) => void,
): void {
  let incoming: IncomingMessage | undefined;
  outgoing.once('response', (response) => (incoming = response));
  outgoing.once('socket', (socket) => {
    const onIdle = (): void => {
      // Bytes lie here unread: it is the reader who pauses, not the store.
      if (incoming !== undefined && incoming.readableLength > 0) {
        socket.setTimeout(limits.idleTimeoutMs);
        return;
      }
      giveUp(timeoutError(`No byte from the store for ${limits.idleTimeoutMs} ms`));
    };
    const watchIdle = (): void => {
      socket.setTimeout(limits.idleTimeoutMs);
      socket.on('timeout', onIdle);
    };
    outgoing.once('close', () => {
      socket.setTimeout(0);
      socket.removeListener('timeout', onIdle);
    });
    if (!socket.connecting) {
      watchIdle();
      return;
    }
    const timer = setTimeout(
      () => giveUp(timeoutError(`No connection to the store in ${limits.connectTimeoutMs} ms`)),
      limits.connectTimeoutMs,
    );
    outgoing.once('close', () => clearTimeout(timer));
    socket.once('connect', () => {
      clearTimeout(timer);
      watchIdle();
    });
  });
}

/** `TimeoutError` is the name by which the SDK knows that a retry makes sense. */
function timeoutError(message: string): Error {
  return Object.assign(new Error(message), { name: 'TimeoutError' });
}

/** `AbortError` is the name by which the SDK knows that a retry makes no sense. */
function abortError(signal: AbortSignal): Error {
  return Object.assign(new Error('The call was aborted', { cause: signal.reason }), {
    name: 'AbortError',
  });
}

function plainHeaders(response: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response.headersDistinct).map(([name, values]) => [
      name,
      (values ?? []).join(', '),
    ]),
  );
}

/** Written the way the SDK signed it: sorted names, RFC 3986 escapes. */
function queryString(query: NonNullable<OutgoingRequest['query']>): string {
  return Object.keys(query)
    .toSorted()
    .flatMap((name) => {
      const value = query[name] ?? null;
      if (value === null) return [escapeUri(name)];
      const values = typeof value === 'string' ? [value] : value;
      return values.map((one) => `${escapeUri(name)}=${escapeUri(one)}`);
    })
    .join('&');
}

/** Percent-encodes as signatures want it: RFC 3986, one path segment or query value. */
export function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
