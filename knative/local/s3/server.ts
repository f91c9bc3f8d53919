import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';

import { authenticate } from './authenticate.ts';
import { lockDataDir } from './data-lock.ts';
import { routeOperation } from './operations/route.ts';
import { withQueryHeaders } from './presigned-url.ts';
import { S3Error } from './s3-error.ts';
import { parseRequest } from './s3-request.ts';
import type { Identity } from './sigv4.ts';
import { Storage } from './storage.ts';
import { VerifiedBody } from './verified-body.ts';
import { xmlDocument } from './xml.ts';

/** What to serve and to whom. */
export interface S3ServerOptions {
  /** Folder for everything stored; made if missing, held by one server at a time. */
  readonly dataDir: string;
  /** @default 0, a free one */
  readonly port?: number;
  /** @default '127.0.0.1' */
  readonly host?: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** Hears of faults that clients see as 500 `InternalError`. @default writes them to standard error */
  readonly onFault?: (cause: unknown) => void;
}

/** A running server. */
export interface S3Server {
  /** Such as `http://127.0.0.1:9000`. */
  readonly endpoint: string;
  readonly port: number;
  /** Finishes the requests in flight, for at most five seconds, and lets go of port and folder. */
  close(): Promise<void>;
}

const CLOSE_GRACE_MS = 5000;
const KEEP_ALIVE_MS = 75_000;
const IDLE_MS = 120_000;

/**
 * A small S3 over one folder, for development and tests: path style, SigV4 in header or URL, one
 * identity. Objects with ranges, conditions, copies, versions, tags and uploads in parts, and lists of
 * them behave as on S3 and survive a crash; everything else answers 501 by name.
 * @throws {Error} When the port is taken (`EADDRINUSE`) or another server holds `dataDir`.
 */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const { dataDir, port = 0, host = '127.0.0.1', region = 'us-east-1' } = options;
  const { accessKeyId, secretAccessKey, onFault = writeFault } = options;
  await mkdir(dataDir, { recursive: true });
  const lock = await lockDataDir(dataDir);
  let storage: Storage | undefined;
  try {
    storage = await Storage.open(dataDir);
    const identity = { accessKeyId, secretAccessKey, region };
    const server = createS3Server({ storage, identity, onFault });
    server.listen(port, host);
    await once(server, 'listening');
    return runningServer({ server, storage, lock, host });
  } catch (error) {
    await storage?.close();
    await lock.release();
    throw error;
  }
}

interface Served {
  readonly storage: Storage;
  readonly identity: Identity;
  readonly onFault: (cause: unknown) => void;
}

function createS3Server(served: Served): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 });
  // A large upload may take its time; a silent one may not.
  server.timeout = IDLE_MS;
  const onRequest = (incoming: IncomingMessage, response: ServerResponse): void => {
    // A kept-alive connection would hold a closing server open.
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections();
    });
    void answer(served, incoming, response);
  };
  server.on('request', onRequest);
  // With this listener, "100 Continue" is ours to send: only when the body is really wanted.
  server.on('checkContinue', onRequest);
  return server;
}

async function answer(
  served: Served,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('x-amz-id-2', randomBytes(24).toString('base64'));
  response.setHeader('server', 'pilotlight-local-s3');
  try {
    const received = parseRequest(incoming);
    const { storage, identity } = served;
    const signature = authenticate(received, identity, Date.now());
    const request = withQueryHeaders(received);
    const operation = routeOperation(request);
    const body = new VerifiedBody(request, response, signature);
    const { bucket = '', key = '' } = request;
    await operation({ request, response, body, storage, region: identity.region, bucket, key });
  } catch (error) {
    sendError(error, { incoming, response, requestId, onFault: served.onFault });
  }
}

function sendError(
  cause: unknown,
  {
    incoming,
    response,
    requestId,
    onFault,
  }: {
    readonly incoming: IncomingMessage;
    readonly response: ServerResponse;
    readonly requestId: string;
    readonly onFault: (cause: unknown) => void;
  },
): void {
  // Too late for an answer: the client has gone, or has half a body and must see that it is cut.
  if (response.headersSent || incoming.errored !== null) {
    response.destroy();
    return;
  }
  const error =
    cause instanceof S3Error ? cause : new S3Error('InternalError', undefined, { cause });
  if (error.code === 'InternalError') onFault(cause);
  // The client may or may not send the body it asked about, so the connection cannot be used again.
  if (incoming.headers.expect !== undefined && !incoming.complete) {
    response.setHeader('connection', 'close');
  }
  if (error.status === 304 || incoming.method === 'HEAD') {
    response.writeHead(error.status);
    response.end();
    return;
  }
  const document = xmlDocument(
    [
      'Error',
      [
        ['Code', error.code],
        ['Message', error.message],
        ['Resource', (incoming.url ?? '/').split('?')[0] ?? '/'],
        ['RequestId', requestId],
      ],
    ],
    { namespace: false },
  );
  response.writeHead(error.status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(document),
  });
  response.end(document);
}

function writeFault(cause: unknown): void {
  process.stderr.write(`local s3: ${inspect(cause)}\n`);
}

function runningServer(parts: {
  readonly server: Server;
  readonly storage: Storage;
  readonly lock: { release(): Promise<void> };
  readonly host: string;
}): S3Server {
  const { server, storage, lock, host } = parts;
  // A TCP server that listens has an address of this form.
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    await closed;
    clearTimeout(timer);
    await storage.close();
    await lock.release();
  };
  return {
    endpoint: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    close: () => (closing ??= close()),
  };
}
