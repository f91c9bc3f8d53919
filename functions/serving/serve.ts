import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { LoadedModel } from '../../models/loader/loaded-model.ts';
import type { AnyModelDefinition } from '../define-model.ts';
import type { Config } from '../runtime/config.ts';
import { ModelLoadError, NotFoundError } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { cachedEngine, wantsCache } from './engine/cache/cached-engine.ts';
import { createEngine } from './engine/engine.ts';
import type { Engine } from './engine/engine.ts';
import { drain } from './http/drain.ts';
import { createFrontDoor } from './http/front-door.ts';
import type { FrontDoor } from './http/front-door.ts';
import { createLifecycle } from './http/lifecycle.ts';
import type { Lifecycle } from './http/lifecycle.ts';
import { errorReply } from './http/respond.ts';
import { createRouter } from './http/route.ts';
import type { Reply, Route } from './http/route.ts';
import { recordAnswer } from './http/record-answer.ts';
import { modelRoutes } from './protocols/routes.ts';
import { createEventWork } from './event-work.ts';
import type { EventWork } from './event-work.ts';
import type { ModelService } from './service.ts';

/** What a serving process is made of. */
export interface ServingOptions {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Loads another version of the model beside the one that is served: jobs name theirs. */
  readonly loadVersion?: (
    address: { readonly uri: string; readonly digest: string },
    signal: AbortSignal,
  ) => Promise<LoadedModel>;
}

/** A process that answers its probes, and predictions once it has a model. */
export interface Serving {
  readonly frontDoor: FrontDoor;
  readonly lifecycle: Lifecycle;
  /**
   * Starts to serve `model`; `app` as in `FrontDoor.open`.
   * @throws {ModelLoadError} Permanent, when the function cannot read what the package brings for it.
   */
  serveModel(
    definition: AnyModelDefinition,
    model: LoadedModel,
    app?: Parameters<FrontDoor['open']>[1],
  ): void;
  /** Starts to answer the routes of a function without a model. */
  serveRoutes(routes: readonly Route[]): void;
  /**
   * Resolves when no work of events is going on that nobody waits for at a socket; what is not done after
   * `graceMs` is given back.
   */
  finishWork(graceMs: number): Promise<void>;
}

/** A front door with metrics and access log; nothing listens yet. */
export function createServing(options: ServingOptions): Serving {
  const { config, log, metrics } = options;
  const lifecycle = createLifecycle();
  const access = log.named('access');
  let service: ModelService | undefined;
  let work: EventWork | undefined;

  const frontDoor = createFrontDoor({
    config,
    lifecycle,
    isSound: () => service?.engine.isSound() !== false,
    ...(config.METRICS_PORT === undefined ? { metrics: () => scrape(metrics) } : {}),
    onAnswer: (answered) => {
      recordAnswer({ metrics, log: access }, service?.model.manifest.name, answered);
    },
  });

  function withCache(engine: Engine, { manifest, digest, session }: LoadedModel): Engine {
    return cachedEngine(engine, {
      outputs: session.outputs.map(({ name }) => name),
      tenant: config.TENANT,
      digest,
      async openCache() {
        const { openCache } = await import('./engine/cache/open-cache.ts');
        return openCache(config, {
          model: manifest.name,
          metrics,
          onError: (cause) => log.warn('the response cache failed', { error: cause }),
        });
      },
    });
  }

  function engineFor(model: LoadedModel): Engine {
    const limits = {
      maxQueueRows: config.MAX_QUEUE_ROWS,
      maxQueueBytes: config.MAX_QUEUE_BYTES,
      maxQueueDelayMs: config.MAX_QUEUE_DELAY_MS,
      maxRunMs: config.INFERENCE_TIMEOUT_MS,
    };
    return createEngine(model, limits, metrics);
  }

  /** For chunks and uploads; nothing of it is loaded before the first of them. */
  function workFor(own: ModelService): EventWork | undefined {
    const { DATA_BUCKET } = config;
    const { loadVersion } = options;
    if (DATA_BUCKET === undefined || loadVersion === undefined) return undefined;
    return createEventWork(async () => {
      const { openScoring } = await import('../scoring/open-scoring.ts');
      const { openObjectStore } = await import('../runtime/object-store/s3-object-store.ts');
      return openScoring({
        own,
        bucket: DATA_BUCKET,
        openStore: (bucket) => openObjectStore(config, bucket),
        warn: (message, cause) => log.named('scoring').warn(message, { error: cause }),
        async openVersion(address, signal) {
          const model = await loadVersion(address, signal);
          prepare(own.definition, model);
          return { ...own, model, engine: engineFor(model) };
        },
      });
    });
  }

  return {
    frontDoor,
    lifecycle,
    serveModel(definition, model, app) {
      prepare(definition, model);
      const { name } = model.manifest;
      const inner = engineFor(model);
      const engine = wantsCache(config) ? withCache(inner, model) : inner;
      metrics.collect('inference_queue_depth', { model: name }, () => engine.queuedRows());
      metrics.collect('inference_runs_in_progress', { model: name }, () => engine.running());
      metrics.collect('inference_sessions', { model: name }, () => engine.sessions());
      for (const [phase, ms] of Object.entries(model.phases)) {
        metrics.record('pilotlight_cold_start_seconds', { model: name, phase }, ms / 1000);
      }
      service = { definition, model, engine, config, takeColdStart: once(model.phases) };
      work = workFor(service);
      frontDoor.open(createRouter(modelRoutes(service, work)), app);
      lifecycle.enter('ready');
    },
    serveRoutes(routes) {
      frontDoor.open(createRouter(routes));
      lifecycle.enter('ready');
    },
    async finishWork(graceMs) {
      await work?.finish(graceMs);
    },
  };
}

/** Listens with a server of our own, guarded by the front door; resolves with it once it accepts. */
export async function listen(
  { frontDoor }: Serving,
  config: Pick<Config, 'HOST' | 'PORT' | 'MAX_HEADER_BYTES'>,
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer({
    maxHeaderSize: config.MAX_HEADER_BYTES,
  });
  frontDoor.guard(server);
  return { server, port: await listening(server, config.PORT, config.HOST) };
}

/** `/metrics` on a port of its own, which no route leads to; nothing else is answered there. */
export async function listenForMetrics(
  metrics: Metrics,
  { HOST, METRICS_PORT }: Pick<Config, 'HOST' | 'METRICS_PORT'>,
): Promise<{ readonly server: Server; readonly port: number } | undefined> {
  if (METRICS_PORT === undefined) return undefined;
  const server = createServer((request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      const refused = new NotFoundError('Only GET /metrics is answered on this port');
      const { status, contentType, body } = errorReply(refused, crypto.randomUUID(), 'typed');
      response.writeHead(status, { 'content-type': contentType }).end(body);
      return;
    }
    void scrape(metrics).then(({ status, contentType, body }) =>
      response.writeHead(status, { 'content-type': contentType }).end(body),
    );
  });
  return { server, port: await listening(server, METRICS_PORT, HOST) };
}

/** Refuses new work, lets what is in flight finish, closes. True when all of it finished in time. */
export async function shutDown(
  serving: Serving,
  server: Server,
  graceMs: number,
): Promise<boolean> {
  const { lifecycle } = serving;
  lifecycle.enter('draining');
  // Work goes on when its caller has gone: then no request in flight stands for it.
  const [finished] = await Promise.all([
    drain(server, lifecycle, graceMs),
    serving.finishWork(graceMs),
  ]);
  return finished;
}

function prepare(definition: AnyModelDefinition, model: LoadedModel): void {
  try {
    definition.prepare?.(model);
  } catch (cause) {
    const { name, version } = model.manifest;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelLoadError(`Cannot use the model ${name} version ${version}: ${reason}`, {
      permanent: true,
      cause,
    });
  }
}

function once<T>(value: T): () => T | undefined {
  let left: T | undefined = value;
  return () => {
    const taken = left;
    left = undefined;
    return taken;
  };
}

async function scrape(metrics: Metrics): Promise<Reply> {
  const { contentType, text } = await metrics.scrape();
  return { status: 200, body: text, contentType };
}

function listening(server: Server, port: number, host: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // With a host, even an address, Node first loads its resolver: 4 ms.
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
