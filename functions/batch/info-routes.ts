import type { Config } from '../runtime/config.ts';
import { VERSION } from '../runtime/version.ts';
import { jsonReply } from '../serving/http/respond.ts';
import type { Route } from '../serving/http/route.ts';

/** `GET /info` and `GET /`: what this is, and where its jobs are. */
export function infoRoutes(config: Config): Route[] {
  const info = {
    service: {
      name: 'pilotlight',
      version: VERSION,
      function: config.FUNCTION_TARGET,
      ...(config.K_REVISION === undefined ? {} : { revision: config.K_REVISION }),
    },
    batches: { tenant: config.TENANT, bucket: config.DATA_BUCKET, path: '/v1/batches' },
    limits: { max_body_bytes: config.MAX_BODY_BYTES },
  };
  return [
    { method: 'GET', path: '/info', handle: () => jsonReply(200, info) },
    { method: 'GET', path: '/', handle: () => jsonReply(200, { status: 'alive', ...info }) },
  ];
}
