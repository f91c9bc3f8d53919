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
import { parserError } from '../../runtime/parser-error.ts';
import { answerSocket } from './client-error.ts';
import type { Lifecycle } from './lifecycle.ts';
import { answerProbe, requireGet } from './probes.ts';
import { checkHead, discardBody, readBody } from './read-body.ts';
import { readContext } from './request-context.ts';
import type { RequestContext } from './request-context.ts';
import { errorReply, send } from './respond.ts';
import { errorForm } from './route.ts';
import type { Match, Reply, Router } from './route.ts';
import { authorize } from './authorize.ts';
import { createBodyBudget } from './body-budget.ts';

/** What the front door needs from the rest of the process. */
export interface FrontDoorOptions {
  readonly config: Pick<Config, 'MAX_BODY_BYTES' | 'MAX_HELD_BODY_BYTES' | 'REQUEST_TIMEOUT_MS'>;
  readonly lifecycle: Lifecycle;
  /** False while predictions cannot be expected though the process is up: then it is not ready. */
  readonly isSound: () => boolean;
  /** `/metrics`, unless that is on a port of its own. */
  readonly metrics?: () => Promise<Reply>;
  /** Told of every answer but those to probes. */
  onAnswer(
    context: RequestContext,
    match: Match | undefined,
    status: number,
    cause?: unknown,
  ): void;
}

/** Everything between a socket and a function: what the framework does not do, or does too late. */
export interface FrontDoor {
  /** Takes over a server: its requests, its errors, its time limits. */
  guard(server: Server): void;
  /** From now on requests that pass go to `app`, the framework's own listener, and routes come from `router`. */
  open(app: RequestListener, router: Router): void;
  /** The function's end of the same request: what `app` must call for each. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

interface Admitted {
  readonly context: RequestContext;
  readonly match: Match;
  readonly body: Buffer;
}

/** Node answers a keep-alive client's next request for so long; Knative's queue-proxy reuses its connections. */
const KEEP_ALIVE_MS = 75_000;
const METHODS = ['GET', 'HEAD', 'POST'];
/** Refused bodies are taken in up to this many times their limit. */
const DISCARD_FACTOR = 8;

/** A front door with nothing behind it yet: probes are answered, the rest is 503 until {@link FrontDoor.open}. */
export function createFrontDoor(options: FrontDoorOptions): FrontDoor {
  const { config, lifecycle } = options;
  const admitted = new WeakMap<IncomingMessage, Admitted>();
  const exchanges = new WeakMap<object, [IncomingMessage, ServerResponse, RequestContext]>();
  const claimBody = createBodyBudget(config.MAX_HELD_BODY_BYTES);
  let behind: { readonly app: RequestListener; readonly router: Router } | undefined;

  async function receive(
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
  ): Promise<void> {
    const context = readContext(request, response);
    exchanges.set(request.socket, [request, response, context]);
    let match: Match | undefined;
    try {
      requireHost(request);
      const ready = lifecycle.state() === 'ready' && options.isSound();
      const probe = answerProbe(context.method, context.path, ready);
      if (probe !== undefined) {
        send(response, context, probe);
        return;
      }
      if (context.path === '/metrics' && options.metrics !== undefined) {
        requireGet(context.method);
        send(response, context, await options.metrics());
        return;
      }
      lifecycle.track(response);
      authorize(context);
      const { app, router } = refuseUnlessReady();
      match = router(context.method, context.path);
      const body = await takeBody(request, response, match, expectsContinue);
      admitted.set(request, { context, match, body });
      // The framework's body parsers leave a request alone that has been read to its end.
      Object.assign(request, { rawBody: body, body });
      app(request, response);
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
    checkHead(request, route, config.MAX_BODY_BYTES);
    const claim = claimBody();
    response.once('close', () => claim.release());
    claim.grow(Number(request.headers['content-length'] ?? 0));
    if (expectsContinue) response.writeContinue();
    // Also where the route wants none: what is left unread here, the framework would parse.
    return await readBody(request, config.MAX_BODY_BYTES, claim);
  }

  function fail(
    request: IncomingMessage,
    response: ServerResponse,
    context: RequestContext,
    match: Match | undefined,
    cause: unknown,
  ): void {
    if (cause instanceof ClientGoneError) return;
    discardBody(request, DISCARD_FACTOR * config.MAX_BODY_BYTES);
    answer(
      response,
      context,
      match,
      errorReply(cause, context.requestId, errorForm(context.path)),
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
    options.onAnswer(context, match, reply.status, cause);
  }

  function onClientError(cause: NodeJS.ErrnoException, socket: Socket): void {
    const error = parserError(cause);
    const [request, response, context] = exchanges.get(socket) ?? [];
    // A connection that has sent nothing is owed nothing, not even 408: a client that opened it ahead of
    // time would take that for the answer to its first request.
    if (error === undefined || !socket.writable || socket.bytesRead === 0) {
      socket.destroy();
      return;
    }
    if (request === undefined || response === undefined || context === undefined) {
      answerSocket(socket, error, crypto.randomUUID(), 'typed');
      return;
    }
    if (!request.complete) {
      // The fault is in this request: its own answer, unless there is one already.
      if (response.headersSent) {
        socket.destroy();
        return;
      }
      answerSocket(socket, error, context.requestId, errorForm(context.path));
      options.onAnswer(context, undefined, error.status, error);
      return;
    }
    // The fault is in what follows a whole request, whose answer goes first.
    const refuse = (): void => answerSocket(socket, error, crypto.randomUUID(), 'typed');
    if (response.writableFinished) refuse();
    else response.once('finish', refuse);
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
      server.on('clientError', (cause, socket) => onClientError(cause, socket as Socket));
      // Both count from the first byte of a request, or from the start of a connection that sends none.
      server.requestTimeout = config.REQUEST_TIMEOUT_MS;
      server.headersTimeout = config.REQUEST_TIMEOUT_MS;
      server.keepAliveTimeout = KEEP_ALIVE_MS;
    },
    open(app, router) {
      behind = { app, router };
    },
    async handler(request, response) {
      const entry = admitted.get(request);
      if (entry === undefined) throw new Error('The request did not come through the front door');
      const { context, match, body } = entry;
      try {
        const reply = await match.route.handle(context, match.parameters, body);
        answer(response, context, match, reply);
      } catch (cause) {
        fail(request, response, context, match, cause);
      }
    },
  };
}

/** RFC 9112, 3.2: exactly one, of which a proxy and we then have the same idea. */
function requireHost({ httpVersion, rawHeaders }: IncomingMessage): void {
  // Node's own list keeps the first of several.
  const names = rawHeaders.filter((text, index) => index % 2 === 0 && /^host$/i.test(text));
  if (names.length > 1) throw new InvalidRequestError('The request has more than one Host header');
  if (httpVersion === '1.1' && names.length === 0) {
    throw new InvalidRequestError('The request has no Host header');
  }
}
