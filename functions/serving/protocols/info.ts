import { VERSION } from '../../runtime/version.ts';
import { jsonReply } from '../http/respond.ts';
import type { Reply, Route } from '../http/route.ts';
import type { ModelService } from '../service.ts';

/** What the bundle's start leaves behind; nothing of it is there when the sources run unbundled. */
interface BundleGlobals {
  readonly __pilotlightPackages?: Iterable<string>;
  readonly __pilotlightCodeCache?: string;
}

/**
 * `GET /info`: service, model and limits. `GET /` gives the same until there is a page to show, and says that
 * the server is alive, as clients of KServe's first protocol ask it.
 */
export function infoRoutes(service: ModelService): Route[] {
  const reply = (more: object): Reply => jsonReply(200, { ...more, ...info(service) });
  return [
    { method: 'GET', path: '/info', handle: () => reply({}) },
    { method: 'GET', path: '/', handle: () => reply({ status: 'alive' }) },
  ];
}

function info({ model, config }: ModelService): object {
  const { manifest, digest, phases } = model;
  const { __pilotlightPackages: packages, __pilotlightCodeCache: codeCache } =
    globalThis as BundleGlobals;
  return {
    service: {
      name: 'pilotlight',
      version: VERSION,
      function: config.FUNCTION_TARGET,
      ...(config.K_REVISION === undefined ? {} : { revision: config.K_REVISION }),
    },
    model: {
      name: manifest.name,
      version: String(manifest.version),
      digest: `sha256:${digest}`,
      task: manifest.task,
      description: manifest.description,
      licence: manifest.licence,
      labels: model.labels,
    },
    limits: {
      max_body_bytes: config.MAX_BODY_BYTES,
      max_batch_rows: manifest.batch?.max_rows ?? 1,
      max_queue_rows: config.MAX_QUEUE_ROWS,
      max_queue_bytes: config.MAX_QUEUE_BYTES,
      inference_timeout_ms: config.INFERENCE_TIMEOUT_MS,
    },
    cold_start: {
      phases_ms: phases,
      ...(codeCache === undefined ? {} : { code_cache: codeCache }),
    },
    ...(config.NODE_ENV === 'development' && packages !== undefined
      ? { packages: [...packages].toSorted() }
      : {}),
  };
}
