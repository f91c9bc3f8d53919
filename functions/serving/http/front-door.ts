import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { Config } from '../../runtime/config.ts';
import {
  InvalidRequestError,
  MethodNotAllowedError,
  ModelLoadError,
  ShuttingDownError,
} from '../../runtime/errors.ts';
import { ClientGoneError } from '../../runtime/client-gone.ts';
import type { Answered } from './answered.ts';
import { answerClientError, answerSocket } from './client-error.ts';
import type { Exchanges } from './client-error.ts';
import type { Lifecycle } from './lifecycle.ts';
import { createCors } from './cors.ts';
import type { CorsConfig } from './cors.ts';
import { METHODS, answerProbe } from './probes.ts';
import { checkHead, discardBody, readBody } from './read-body.ts';
import { readContext } from './request-context.ts';
import type { RequestContext } from './request-context.ts';
import { errorReply, send } from './respond.ts';
import { errorForm } from './route.ts';
import type { Match, Reply, Router, StreamedReply } from './route.ts';
import { authorize } from './authorize.ts';
import { createRateLimiter } from './rate-limit.ts';
import type { RateLimitConfig } from './rate-limit.ts';
import { createBodyBudget } from './body-budget.ts';

/** What the front door needs from the rest of the process. */
export interface FrontDoorOptions {
  readonly config: CorsConfig &
    RateLimitConfig &
    Pick<Config, 'MAX_BODY_BYTES' | 'MAX_HELD_BODY_BYTES' | 'REQUEST_TIMEOUT_MS'>;
  readonly lifecycle: Lifecycle;
  /** False while predictions cannot be expected though the process is up: then it is not ready. */
  readonly isSound: () => boolean;
  /** `/metrics`, unless that is on a port of its own. */
  readonly metrics?: (() => Promise<Reply>) | undefined;
  /** Told of every answer but those to probes, when it is over. */
  onAnswer(answer: Answered): void;
}

/** Everything between a socket and a function: what the framework does not do, or does too late. */
export interface FrontDoor {
  /** Takes over a server: its requests, its errors, its time limits. */
  guard(server: Server): void;
  /**
   * From now on requests that pass go to their routes.
   * @param app The framework's own listener, where the framework made the server: they go through it then.
   */
  open(router: Router, app?: RequestListener): void;
  /** The function as the framework knows it: what `app` must call for each request. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

interface Admitted {
  readonly context: RequestContext;
  readonly match: Match;
  readonly body: Buffer;
}

const ADMITTED = Symbol('admitted');

/**
 * A request on its way through the framework. A property, as in a WeakMap the entries of answered requests
 * outlive V8's quick collections: they took 5 kB of each into the old generation, and half of all time.
 */
interface AdmittedRequest extends IncomingMessage {
  [ADMITTED]?: Admitted | undefined;
  /** What the framework's functions find there. */
  rawBody?: Buffer | undefined;
  body?: Buffer | undefined;
}

/** Node answers a keep-alive client's next request for so long; Knative's queue-proxy reuses its connections. */
const KEEP_ALIVE_MS = 75_000;
/** Refused bodies are taken in up to this many times their limit. */
const DISCARD_FACTOR = 8;

/** A front door with nothing behind it yet: probes are answered, the rest is 503 until {@link FrontDoor.open}. */
export function createFrontDoor(options: FrontDoorOptions): FrontDoor {
  const { config, lifecycle } = options;
  const exchanges: Exchanges = new WeakMap();
  const limitRate = createRateLimiter(config);
  const cors = createCors(config);
  const claimBody = createBodyBudget(config.MAX_HELD_BODY_BYTES);
  let behind: { readonly router: Router; readonly app: RequestListener | undefined } | undefined;

  async function receive(
    request: AdmittedRequest,
    response: ServerResponse,
    expectsContinue: boolean,
  ): Promise<void> {
    const context = readContext(request, response);
    exchanges.set(request.socket, [request, response, context]);
    let match: Match | undefined;
    try {
      requireHost(request);
      const isReady = lifecycle.state() === 'ready' && options.isSound();
      // A preflight carries no credentials, and may come before the model is there.
      const ahead = cors?.(context) ?? answerProbe(context, { metrics: options.metrics, isReady });
      if (ahead !== undefined) {
        send(response, context, await ahead);
        return;
      }
      lifecycle.track(response);
      authorize(context);
      limitRate?.(context, request.socket.remoteAddress);
      const { router, app } = refuseUnlessReady();
      match = router(context.method, context.path);
      const body = await takeBody(request, response, match, expectsContinue);
      const admitted: Admitted = { context, match, body };
      if (app === undefined) {
        await serve(request, response, admitted);
        return;
      }
      // The framework's body parsers leave a request alone that has been read to its end.
      request[ADMITTED] = admitted;
      request.rawBody = body;
      request.body = body;
      app(request, response);
    } catch (cause) {
      fail(request, response, context, match, cause);
    }
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    admitted: Admitted,
  ): Promise<void> {
    const { context, match, body } = admitted;
    try {
      const reply = await match.route.handle(context, match.parameters, body);
      if ('stream' in reply) await answerPiecewise(response, admitted, reply);
      else answer(response, context, match, reply);
    } catch (cause) {
      fail(request, response, context, match, cause);
    }
  }

  function refuseUnlessReady(): NonNullable<typeof behind> {
    const state = lifecycle.state();
    if (state === 'draining') {
      throw new ShuttingDownError('The server is shutting down', { retryAfterSeconds: 1 });
    }
    if (behind === undefined || state === 'starting') {
      throw new ModelLoadError('The model is still loading', {
        retryAfterSeconds: 1,
        permanent: false,
      });
    }
    return behind;
  }

  async function takeBody(
    request: IncomingMessage,
    response: ServerResponse,
    { route }: Match,
    expectsContinue: boolean,
  ): Promise<Buffer> {
    const { maxBodyBytes = config.MAX_BODY_BYTES } = route;
    checkHead(request, route, maxBodyBytes);
    const claim = claimBody();
    response.on('close', () => claim.release());
    claim.grow(Number(request.headers['content-length'] ?? 0));
    if (expectsContinue) response.writeContinue();
    // Also where the route wants none: what is left unread here, the framework would parse.
    return await readBody(request, maxBodyBytes, claim);
  }

  function fail(
    request: IncomingMessage,
    response: ServerResponse,
    context: RequestContext,
    match: Match | undefined,
    cause: unknown,
  ): void {
    if (cause instanceof ClientGoneError) return;
    discardBody(
      request,
      DISCARD_FACTOR * Math.max(config.MAX_BODY_BYTES, match?.route.maxBodyBytes ?? 0),
    );
    answer(
      response,
      context,
      match,
      errorReply(cause, context.requestId, errorForm(context.path, context.method)),
      cause,
    );
  }

  function answer(
    response: ServerResponse,
    context: RequestContext,
    match: Match | undefined,
    reply: Reply,
    cause?: unknown,
  ): void {
    if (lifecycle.state() === 'draining') response.shouldKeepAlive = false;
    send(response, context, reply);
    options.onAnswer({
      context,
      match,
      status: reply.status,
      startedMs: performance.now(),
      cause,
    });
  }

  async function answerPiecewise(
    response: ServerResponse,
    { context, match }: Pick<Admitted, 'context' | 'match'>,
    reply: StreamedReply,
  ): Promise<void> {
    if (lifecycle.state() === 'draining') response.shouldKeepAlive = false;
    const { sendStream } = await import('./send-stream.ts');
    let startedMs: number | undefined;
    let cause: unknown;
    try {
      await sendStream(response, context, reply, () => (startedMs = performance.now()));
    } catch (failure) {
      if (startedMs === undefined) throw failure;
      cause = failure;
    }
    options.onAnswer({
      context,
      match,
      status: reply.status,
      startedMs: startedMs ?? performance.now(),
      cause,
    });
  }

  return {
    guard(server) {
      server.removeAllListeners('request');
      server.on('request', (request, response) => void receive(request, response, false));
      server.on('checkContinue', (request, response) => void receive(request, response, true));
      // Node would answer these three by itself, without a body: other expectations (which RFC 9110,
      // 10.1.1 lets us ignore), CONNECT, and a request without a Host header (`requireHostHeader`).
      server.on('checkExpectation', (request, response) => void receive(request, response, false));
      server.on('connect', (_request, socket) => {
        const refused = new MethodNotAllowedError('CONNECT is not served', { allow: METHODS });
        // Node listens to this socket no more, and a reset that nobody hears ends the process.
        socket.on('error', () => {});
        answerSocket(socket, refused, crypto.randomUUID(), 'typed');
      });
      Object.assign(server, {
        requireHostHeader: false,
        // How precisely the limits below are kept. Read when the server starts to listen.
        connectionsCheckingInterval: Math.min(1_000, config.REQUEST_TIMEOUT_MS),
      });
      server.on('clientError', (cause, socket) => {
        answerClientError(cause, socket as Socket, exchanges, (answered) =>
          options.onAnswer(answered),
        );
      });
      // Both count from the first byte of a request, or from the start of a connection that sends none.
      server.requestTimeout = config.REQUEST_TIMEOUT_MS;
      server.headersTimeout = config.REQUEST_TIMEOUT_MS;
      server.keepAliveTimeout = KEEP_ALIVE_MS;
    },
    open(router, app) {
      behind = { router, app };
    },
    async handler(request: AdmittedRequest, response) {
      const entry = request[ADMITTED];
      if (entry === undefined) throw new Error('The request did not come through the front door');
      await serve(request, response, entry);
      // A connection keeps its latest request until the next one comes.
      request[ADMITTED] = request.rawBody = request.body = undefined;
    },
  };
}

/** RFC 9112, 3.2: exactly one, of which a proxy and we then have the same idea. */
function requireHost({ httpVersion, rawHeaders }: IncomingMessage): void {
  // Node's own list keeps the first of several.
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) throw new InvalidRequestError('The request has more than one Host header');
  if (httpVersion === '1.1' && hosts === 0) {
    throw new InvalidRequestError('The request has no Host header');
  }
}
