/**
 * What `npx functions-framework --target=iris` loads: every function of the catalogue, registered as any
 * function of the framework is. The framework owns process and server here, so what it alone decides stays
 * as it is: the limit on headers, and an end without draining. Production runs `functions/main.ts`.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { RequestListener, Server } from 'node:http';
import { parseArgs } from 'node:util';

import { CATALOGUE } from './catalogue.ts';
import { loadConfiguredModel } from './load-configured-model.ts';
import { loadConfig } from './runtime/config.ts';
import { createLog } from './runtime/log.ts';
import { createMetrics } from './runtime/metrics.ts';
import { registerFunction } from './serving/http/register-function.ts';
import { logLoadEvent } from './serving/log-load-event.ts';
import { createServing, listenForMetrics } from './serving/serve.ts';

/** The framework takes its target from the command line before the environment. */
function target(): string | undefined {
  const { values } = parseArgs({ options: { target: { type: 'string' } }, strict: false });
  return typeof values.target === 'string' ? values.target : process.env['FUNCTION_TARGET'];
}

const name = target();
const load = name === undefined ? undefined : CATALOGUE[name];
if (name !== undefined && load !== undefined) {
  const config = loadConfig({
    MODEL_URI: `file:models/${name}`,
    ...process.env,
    FUNCTION_TARGET: name,
  });
  const log = createLog(config.LOG_LEVEL, { function: name });
  const metrics = createMetrics();
  const serving = createServing({ config, log, metrics });
  await listenForMetrics(metrics, config);
  registerFunction(name, serving.frontDoor.handler);

  const definition = await load();
  const model = await loadConfiguredModel(config, new AbortController().signal, (event) =>
    logLoadEvent(log, event),
  );

  // The framework makes its server after this module is loaded; the front door goes before its listener.
  subscribe('tracing:net.server.listen:asyncStart', (message) => {
    const { server } = message as { server: Server };
    const [app] = server.listeners('request');
    if (app === undefined) return;
    serving.frontDoor.guard(server);
    serving.serveModel(definition, model, app as RequestListener);
  });
}
