import { once } from 'node:events';

import type { AnyModelDefinition } from '../../functions/define-model.ts';
import { iris } from '../../functions/iris/index.ts';
import { loadConfig } from '../../functions/runtime/config.ts';
import { createLog } from '../../functions/runtime/log.ts';
import { createMetrics } from '../../functions/runtime/metrics.ts';
import { createServing, listen } from '../../functions/serving/serve.ts';
import type { LoadedModel } from '../../models/loader/loaded-model.ts';

/** A model served by this process. */
export interface ServedModel {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** What may differ. */
export interface ServeOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** @default iris' own, for tests that look at the protocols' routes only */
  readonly definition?: AnyModelDefinition;
}

/** Serves a loaded model on a free port of this process. */
export async function serveModel(
  model: LoadedModel,
  { env = {}, definition = iris }: ServeOptions = {},
): Promise<ServedModel> {
  const config = loadConfig({
    FUNCTION_TARGET: 'iris',
    MODEL_URI: 'file:models/iris',
    HOST: '127.0.0.1',
    PORT: '0',
    ...env,
  });
  const serving = createServing({ config, log: createLog('silent'), metrics: createMetrics() });
  const { server, port } = await listen(serving, config);
  try {
    serving.serveModel(definition, model);
  } catch (cause) {
    server.close();
    throw cause;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      await model.session.release();
    },
  };
}
