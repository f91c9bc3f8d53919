import { once } from 'node:events';
import type { Server } from 'node:http';

import type { AnyModelDefinition } from '../../functions/define-model.ts';
import { loadConfig } from '../../functions/runtime/config.ts';
import { createLog } from '../../functions/runtime/log.ts';
import { createMetrics } from '../../functions/runtime/metrics.ts';
import { createServing, listen } from '../../functions/serving/serve.ts';
import type { Serving } from '../../functions/serving/serve.ts';
import type { LoadedModel } from '../../models/loader/loaded-model.ts';

/** A definition being served by this process, on a free port. */
export interface ServedDefinition {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  readonly serving: Serving;
  close(): Promise<void>;
}

/**
 * Serves a definition with a model that a test made, the way `functions/main.ts` does: front door, routes,
 * engine.
 * @param env Settings beside the ones that every function needs.
 */
export async function serveDefinition(
  definition: AnyModelDefinition,
  model: LoadedModel,
  env: Readonly<Record<string, string>> = {},
): Promise<ServedDefinition> {
  const config = loadConfig({
    FUNCTION_TARGET: 'fixture',
    MODEL_URI: 'file:models/fixture',
    HOST: '127.0.0.1',
    PORT: '0',
    ...env,
  });
  const serving = createServing({ config, log: createLog('silent'), metrics: createMetrics() });
  const { server, port } = await listen(serving, config);
  serving.serveModel(definition, model);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    server,
    serving,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
