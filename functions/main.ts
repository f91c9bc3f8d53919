/**
 * START HERE. One function process: config → model → server → signals. It is the only place that reads
 * `process.env` (through `loadConfig`), listens to signals and ends the process.
 */
import { CATALOGUE, FUNCTIONS, ROUTE_FUNCTIONS } from './catalogue.ts';
import { loadConfiguredModel } from './load-configured-model.ts';
import { loadConfig } from './runtime/config.ts';
import type { Config } from './runtime/config.ts';
import type { OnLoadEvent } from '../models/loader/load-event.ts';
import type { OpenRouteFunction } from './serving/http/route-function.ts';
import { ConfigurationError } from './runtime/errors.ts';

/** sysexits.h EX_CONFIG: trying again with this environment cannot help. */
const EXIT_CONFIGURATION = 78;

function configOrExit(): Config {
  try {
    return loadConfig(process.env, FUNCTIONS);
  } catch (cause) {
    process.stderr.write(
      `${cause instanceof ConfigurationError ? cause.message : String(cause)}\n`,
    );
    process.exit(EXIT_CONFIGURATION);
  }
}

const config = configOrExit();
const stopping = new AbortController();

// The requests for the weights go out before anything else is loaded; that work fills the wait.
const logging = import('./runtime/log.ts').then(({ createLog }) =>
  createLog(config.LOG_LEVEL, {
    function: config.FUNCTION_TARGET,
    ...(config.K_REVISION === undefined ? {} : { revision: config.K_REVISION }),
  }),
);
const onLoadEvent: OnLoadEvent = (event) => {
  void logging.then((log) => logLoadEvent(log, event));
};
const loadModelOf = CATALOGUE[config.FUNCTION_TARGET];
const loading =
  loadModelOf === undefined ? undefined : loadConfiguredModel(config, stopping.signal, onLoadEvent);
// Looked at below; until then a failure must not count as unhandled.
loading?.catch(() => {});

const { logLoadEvent } = await import('./serving/log-load-event.ts');
const { createMetrics } = await import('./runtime/metrics.ts');
const { createServing, listen, listenForMetrics, shutDown } = await import('./serving/serve.ts');

const log = await logging;
function fail(cause: unknown): never {
  const message = cause instanceof Error ? cause.message : String(cause);
  log.error(message, { error: cause });
  log.flush();
  // Knative shows the last line of a container that ended in the Revision's conditions.
  process.stderr.write(`${message}\n`);
  process.exit(cause instanceof ConfigurationError ? EXIT_CONFIGURATION : 1);
}
// A port that is taken ends up here too.
process.on('uncaughtException', fail);

const metrics = createMetrics();
const serving = createServing({
  config,
  log,
  metrics,
  loadVersion: (address, signal) => loadConfiguredModel(config, signal, onLoadEvent, address),
});
const { server, port } = await listen(serving, config);
const metricsListener = await listenForMetrics(metrics, config);

let open: OpenRouteFunction | undefined;
async function stop(signal: NodeJS.Signals): Promise<void> {
  log.info('shutting down', { signal, in_flight: serving.lifecycle.inFlight() });
  stopping.abort(new Error(`Received ${signal}`));
  const finished = await shutDown(serving, server, config.SHUTDOWN_GRACE_MS);
  metricsListener?.server.close();
  await loading?.then(({ session }) => session.release()).catch(() => {});
  open?.close();
  log.info('stopped', { finished });
  log.flush();
  process.exit(finished ? 0 : 1);
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  // The second one means now.
  process.on(signal, () => (stopping.signal.aborted ? process.exit(1) : void stop(signal)));
}

try {
  const { registerFunction } = await import('./serving/http/register-function.ts');
  registerFunction(config.FUNCTION_TARGET, serving.frontDoor.handler);
  const where = {
    port,
    ...(metricsListener === undefined ? {} : { metrics_port: metricsListener.port }),
    ...(config.S3_ENDPOINT === undefined ? {} : { s3_endpoint: config.S3_ENDPOINT }),
  };
  if (loadModelOf === undefined || loading === undefined) {
    const { [config.FUNCTION_TARGET]: load } = ROUTE_FUNCTIONS;
    open = await (await load?.())?.open({ config, log, stopping: stopping.signal });
    serving.serveRoutes(open?.routes ?? []);
    log.info('ready', { ...where, data_bucket: config.DATA_BUCKET });
  } else {
    const definition = await loadModelOf();
    const model = await loading;
    serving.serveModel(definition, model);
    log.info('ready', {
      ...where,
      model: model.manifest.name,
      model_version: String(model.manifest.version),
      digest: model.digest,
      source: config.MODEL_URI,
      phases_ms: model.phases,
    });
  }
} catch (cause) {
  if (!stopping.signal.aborted) fail(cause);
}
