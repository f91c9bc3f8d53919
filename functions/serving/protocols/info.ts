import { NotAcceptableError } from '../../runtime/errors.ts';
import { negotiate } from '../http/negotiate.ts';
import { jsonReply } from '../http/respond.ts';
import type { Reply, Route } from '../http/route.ts';
import { serviceFacts } from '../http/service-facts.ts';
import type { ModelService } from '../service.ts';

/** What the bundle's start leaves behind; nothing of it is there when the sources run unbundled. */
interface BundleGlobals {
  readonly __pilotlightPackages?: Iterable<string>;
  readonly __pilotlightCodeCache?: string;
}

/** Caches must not give a browser's page to a program. */
const VARY = { vary: 'accept' };

/**
 * `GET /info`: service, model and limits. `GET /` gives browsers a page to try the function on, and everybody
 * else the same, with word that the server is alive, as clients of KServe's first protocol ask it.
 * @param openApi The document that `/openapi.json` gives.
 */
export function infoRoutes(service: ModelService, openApi: () => unknown): Route[] {
  let page: Promise<Reply> | undefined;
  const pageReply = async (): Promise<Reply> => {
    const { makePage } = await import('./page/page.ts');
    return makePage(service, openApi());
  };
  return [
    { method: 'GET', path: '/info', handle: () => jsonReply(200, info(service)) },
    {
      method: 'GET',
      path: '/',
      async handle({ headers }) {
        if (!prefersPage(headers.accept)) {
          return jsonReply(200, { status: 'alive', ...info(service) }, VARY);
        }
        const { headers: own, ...reply } = await (page ??= pageReply());
        return { ...reply, headers: { ...own, ...VARY } };
      },
      describe: () => ({
        summary: 'A page to try the function on; to programs, what /info says',
        responseContent: {
          'application/json': { schema: {} },
          'text/html': { schema: { type: 'string' } },
        },
      }),
    },
  ];
}

/** Whether the caller would rather have a page than JSON. Who accepts neither gets JSON, as probes may. */
function prefersPage(accept: string | undefined): boolean {
  try {
    return negotiate(accept, ['application/json', 'text/html']) === 'text/html';
  } catch (cause) {
    if (cause instanceof NotAcceptableError) return false;
    throw cause;
  }
}

function info({ model, config }: ModelService): object {
  const { manifest, digest, phases } = model;
  const { __pilotlightPackages: packages, __pilotlightCodeCache: codeCache } =
    globalThis as BundleGlobals;
  return {
    service: serviceFacts(config),
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
