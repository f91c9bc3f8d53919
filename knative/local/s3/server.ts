import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';

import { authenticate, SIGNED_IN_FORM } from './authenticate.ts';
import { lockDataDir } from './data-lock.ts';
import { loadOrCreateDeploymentId } from './deployment-id.ts';
import { answeredHealth } from './health.ts';
import { LifecycleSweeper } from './lifecycle/sweeper.ts';
import { isFormUpload } from './operations/post-object.ts';
import { routeOperation } from './operations/route.ts';
import { withQueryHeaders } from './presigned-url.ts';
import { parseRequest } from './s3-request.ts';
import type { S3Request } from './s3-request.ts';
import type { Identity } from './sigv4.ts';
import { sendError } from './send-error.ts';
import { Storage } from './storage.ts';
import { VerifiedBody } from './verified-body.ts';
import type { ObjectEvent } from './webhooks/event-payload.ts';
import { Notifier } from './webhooks/notifier.ts';
import type { NotificationRule } from './webhooks/rules.ts';
import type { WebhookTarget } from './webhooks/webhook.ts';

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
  /** Where the buckets are said to be; clients may sign for any region. @default 'us-east-1' */
  readonly region?: string;
  /** Who may be told of what happens to objects; bucket rules name them by their ARN. @default none */
  readonly webhooks?: readonly WebhookTarget[];
  /** Pause before an event that a webhook did not take is sent again, in ms. @default 3000, as MinIO */
  readonly webhookRetryMs?: number;
  /** Pause between two looks for what lifecycle rules remove, in ms. @default an hour */
  readonly lifecycleEveryMs?: number;
  /** The time by which lifecycle rules go, in ms since 1970. @default the system's */
  readonly now?: () => number;
  /** Hears of faults that clients see as 500 `InternalError`. @default writes them to standard error */
  readonly onFault?: (cause: unknown) => void;
}

/** A running server. */
export interface S3Server {
  /** Such as `http://127.0.0.1:9000`. */
  readonly endpoint: string;
  readonly port: number;
  /** Replaces the notification rule of that Id in a bucket, or removes it; the bucket's other rules stay. */
  setRule(
    bucket: string,
    id: string,
    rule: Omit<NotificationRule, 'id'> | undefined,
  ): Promise<void>;
  /** Finishes the requests in flight, for at most five seconds, and lets go of port and folder. */
  close(): Promise<void>;
}

const CLOSE_GRACE_MS = 5000;
const KEEP_ALIVE_MS = 75_000;
const WEBHOOK_RETRY_MS = 3000;
const IDLE_MS = 120_000;
const LIFECYCLE_EVERY_MS = 60 * 60 * 1000;

/**
 * A small S3 over one folder, for development and tests: path style, SigV4 in header or URL, one
 * identity. Objects with ranges, conditions, copies, versions, tags and uploads in parts, and lists of
 * them behave as on S3 and survive a crash; webhooks hear of them as from MinIO. Everything else answers
 * 501 by name.
 * @throws {Error} When the port is taken (`EADDRINUSE`) or another server holds `dataDir`.
 */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const { dataDir, port = 0, host = '127.0.0.1', region = 'us-east-1' } = options;
  const { accessKeyId, secretAccessKey, onFault = writeFault } = options;
  const { webhooks = [], webhookRetryMs = WEBHOOK_RETRY_MS } = options;
  const { lifecycleEveryMs = LIFECYCLE_EVERY_MS, now = Date.now } = options;
  await mkdir(dataDir, { recursive: true });
  const lock = await lockDataDir(dataDir);
  await using opened = new AsyncDisposableStack();
  opened.defer(() => lock.release());
  const storage = await Storage.open(dataDir);
  opened.defer(() => storage.close());
  const notifier = await Notifier.open({
    dataDir,
    targets: webhooks,
    retryMs: webhookRetryMs,
    sequencer: storage.sequencer,
  });
  opened.defer(() => notifier.close());
  const deploymentId = await loadOrCreateDeploymentId(dataDir);
  const sweeper = new LifecycleSweeper({
    storage,
    everyMs: lifecycleEveryMs,
    now,
    onFault,
    publish: (bucket, event) =>
      notifier.publish(event, storage.bucket(bucket).settings.notifications, {
        bucket,
        accessKeyId: '',
        requestId: storage.sequencer.next(),
        hostId: hostIdOf(deploymentId),
        deploymentId,
        endpoint: '',
        clientAddress: '',
        // MinIO's own words.
        userAgent: 'Internal: [ILM-Expiry]',
      }),
  });
  opened.defer(() => sweeper.close());
  const identity = { accessKeyId, secretAccessKey };
  const server = createS3Server({ storage, identity, region, notifier, deploymentId, onFault });
  server.listen(port, host);
  await once(server, 'listening');
  return runningServer({ server, storage, resources: opened.move(), host });
}

interface Served {
  readonly storage: Storage;
  readonly identity: Identity;
  readonly region: string;
  readonly notifier: Notifier;
  readonly deploymentId: string;
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
  // As MinIO's: a time, so that no two are the same over a restart.
  const requestId = served.storage.sequencer.next();
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('x-amz-id-2', hostIdOf(served.deploymentId));
  response.setHeader('server', 'pilotlight-local-s3');
  try {
    if (answeredHealth(incoming, response)) return;
    const received = parseRequest(incoming);
    const { storage, identity } = served;
    const isForm = isFormUpload(received) && !received.headers.has('authorization');
    const signature = isForm ? SIGNED_IN_FORM : authenticate(received, identity, Date.now());
    const request = withQueryHeaders(received);
    const operation = routeOperation(request);
    const body = new VerifiedBody(request, response, signature);
    const { bucket = '', key = '' } = request;
    await operation({
      request,
      response,
      body,
      storage,
      region: served.region,
      identity,
      bucket,
      key,
      webhooks: served.notifier.targets,
      publish: (event) => publish(event, { served, request, bucket, requestId }),
    });
  } catch (error) {
    sendError(error, { incoming, response, requestId, onFault: served.onFault });
  }
}

async function publish(
  event: ObjectEvent,
  {
    served: { storage, identity, notifier, deploymentId },
    request: { headers, incoming },
    bucket,
    requestId,
  }: {
    readonly served: Served;
    readonly request: S3Request;
    readonly bucket: string;
    readonly requestId: string;
  },
): Promise<void> {
  const { notifications } = storage.bucket(bucket).settings;
  if (notifications.length === 0) return;
  const { localPort, localAddress = '', remoteAddress = '' } = incoming.socket;
  await notifier.publish(event, notifications, {
    bucket,
    // As from MinIO: nobody signed the request itself, only the policy in its form.
    accessKeyId: event.name === 's3:ObjectCreated:Post' ? '' : identity.accessKeyId,
    requestId,
    hostId: hostIdOf(deploymentId),
    deploymentId,
    endpoint: `http://${localAddress}:${localPort}`,
    clientAddress: remoteAddress.replace(/^::ffff:/, ''),
    userAgent: headers.get('user-agent') ?? '',
  });
}

function hostIdOf(deploymentId: string): string {
  return createHash('sha256').update(deploymentId).digest('hex');
}

function writeFault(cause: unknown): void {
  process.stderr.write(`local s3: ${inspect(cause)}\n`);
}

function runningServer(parts: {
  readonly server: Server;
  readonly storage: Storage;
  readonly resources: AsyncDisposableStack;
  readonly host: string;
}): S3Server {
  const { server, storage, resources, host } = parts;
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
    await resources.disposeAsync();
  };
  return {
    endpoint: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    async setRule(name, id, rule) {
      const bucket = storage.bucket(name);
      const others = bucket.settings.notifications.filter((one) => one.id !== id);
      const notifications = rule === undefined ? others : [...others, { id, ...rule }];
      await bucket.configure({ notifications });
    },
    close: () => (closing ??= close()),
  };
}
