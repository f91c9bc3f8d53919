import type { Config } from '../../runtime/config.ts';
import { VERSION } from '../../runtime/version.ts';
import { jsonReply } from './respond.ts';
import type { Route } from './route.ts';

/** What `/info` says of the process, whatever it serves. */
export function serviceFacts({
  FUNCTION_TARGET,
  K_REVISION,
}: Pick<Config, 'FUNCTION_TARGET' | 'K_REVISION'>): object {
  return {
    name: 'pilotlight',
    version: VERSION,
    function: FUNCTION_TARGET,
    ...(K_REVISION === undefined ? {} : { revision: K_REVISION }),
  };
}

/** `GET /info` and `GET /` of a function without a model: the process, and what it says of itself. */
export function infoRoutes(config: Config, own: object): Route[] {
  const info = { service: serviceFacts(config), ...own };
  return [
    { method: 'GET', path: '/info', handle: () => jsonReply(200, info) },
    { method: 'GET', path: '/', handle: () => jsonReply(200, { status: 'alive', ...info }) },
  ];
}
