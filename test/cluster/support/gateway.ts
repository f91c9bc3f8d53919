import { once } from 'node:events';
import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** An answer that came through the gateway. */
export interface GatewayAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** From the call to the last byte of the answer. */
  readonly durationMs: number;
}

/** What to ask a Service. */
export interface GatewayRequest {
  /** The Service's host name, as Knative routes by it. */
  readonly host: string;
  readonly path: string;
  /** Sent as JSON, by POST; without it the request is a GET. */
  readonly json?: unknown;
  /** `false`: a connection of its own. @default false */
  readonly agent?: Agent | false;
}

/**
 * Sends one request through the gateway. No retries: the caller sees what happened.
 * @throws The socket's error, when there is no whole answer.
 */
export async function askGateway(gateway: string, ask: GatewayRequest): Promise<GatewayAnswer> {
  const startMs = performance.now();
  const body = ask.json === undefined ? undefined : JSON.stringify(ask.json);
  // fetch() would not let us set the Host header.
  const outgoing = request(new URL(ask.path, gateway), {
    method: body === undefined ? 'GET' : 'POST',
    agent: ask.agent ?? false,
    headers: {
      host: ask.host,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    },
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const answer = await text(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: answer,
    durationMs: performance.now() - startMs,
  };
}
