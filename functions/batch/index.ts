import { setTimeout as delay } from 'node:timers/promises';

import { probeStore } from '../../events/jobs/probe-store.ts';
import { publish } from '../../events/publish.ts';
import { ConfigurationError } from '../runtime/errors.ts';
import { ObjectStoreError } from '../runtime/object-store/errors.ts';
import type { RouteFunction, RouteFunctionHost } from '../serving/http/route-function.ts';
import { infoRoutes } from '../serving/http/service-facts.ts';
import { deadLetterRoutes } from './dead-letter-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { apiRoute } from './api-route.ts';
import { jobRoutes } from './job-routes.ts';
import { withStoreErrors } from './store-errors.ts';
import type { SubmitContext } from './submit-job.ts';

/** START HERE. Batch jobs of one tenant: their HTTP API, their planner and sweeper, and what nobody took. */
export const batch: RouteFunction = {
  name: 'batch',
  async open(host) {
    const { DATA_BUCKET, K_SINK } = host.config;
    const faults = [
      ...(DATA_BUCKET === undefined ? ['DATA_BUCKET: batch jobs have their state there'] : []),
      ...(K_SINK === undefined ? ['K_SINK: batch jobs go from step to step by its events'] : []),
    ];
    if (DATA_BUCKET === undefined || K_SINK === undefined) throw new ConfigurationError(faults);
    const context = await contextOf(host, DATA_BUCKET, K_SINK);
    await probe(context, host);
    const routes = withStoreErrors([
      ...jobRoutes(context),
      ...deadLetterRoutes(context),
      ...eventRoutes(context, host.stopping),
      ...infoRoutes(host.config, {
        batches: { tenant: context.tenant, bucket: DATA_BUCKET, path: '/v1/batches' },
        limits: { max_body_bytes: host.config.MAX_BODY_BYTES },
      }),
    ]);
    return {
      routes: [...routes, apiRoute(routes)],
      close() {
        context.store.close();
        context.models.close();
      },
    };
  },
};

async function contextOf(
  { config, log }: RouteFunctionHost,
  bucket: string,
  url: string,
): Promise<SubmitContext> {
  const { openObjectStore } = await import('../runtime/object-store/s3-object-store.ts');
  const warnings = log.named('jobs');
  return {
    tenant: config.TENANT,
    store: openObjectStore(config, bucket),
    models: openObjectStore(config, config.MODELS_BUCKET),
    publish: (event) => publish(event, { url, attempts: PUBLISH_ATTEMPTS }),
    nonce: () => crypto.randomUUID(),
    now: () => Date.now(),
    wait: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
    warn: (message, cause) => warnings.warn(message, { error: cause }),
  };
}

const PUBLISH_ATTEMPTS = 3;
const PROBE_AGAIN_MS = 1000;

/** A store that is away comes back; one that cannot carry jobs ends the start. */
async function probe(context: SubmitContext, { stopping, log }: RouteFunctionHost): Promise<void> {
  for (;;) {
    try {
      await probeStore(context);
      return;
    } catch (cause) {
      if (!(cause instanceof ObjectStoreError && cause.transient)) throw cause;
      stopping.throwIfAborted();
      log.warn('The object store does not answer yet', { error: cause });
      await context.wait(PROBE_AGAIN_MS, stopping);
    }
  }
}
