import { publish } from '../../events/publish.ts';
import type { Config } from '../runtime/config.ts';
import { ConfigurationError } from '../runtime/errors.ts';
import type { RouteFunction } from '../serving/http/route-function.ts';
import { infoRoutes } from '../serving/http/service-facts.ts';
import { uploadsRoutes } from './routes.ts';

/** START HERE. What an object store tells of new objects becomes events: it has no right to the objects themselves. */
export const uploads: RouteFunction = {
  name: 'uploads',
  open: async ({ config, log }) => {
    const { UPLOADS_TOKEN: token, K_SINK: url } = config;
    const tenants = tenantsOf(config);
    const faults = [
      ...(token === undefined ? ['UPLOADS_TOKEN: nobody else may tell of uploads'] : []),
      ...(url === undefined ? ['K_SINK: uploads become events'] : []),
      ...(tenants.size === 0 ? ['DATA_BUCKET or UPLOAD_BUCKETS: whose uploads they are'] : []),
    ];
    if (token === undefined || url === undefined || faults.length > 0) {
      throw new ConfigurationError(faults);
    }
    const warnings = log.named('uploads');
    const context = {
      token,
      tenants,
      publish: (event: Parameters<typeof publish>[0]) =>
        publish(event, { url, attempts: PUBLISH_ATTEMPTS }),
      warn: (message: string, fields: Readonly<Record<string, unknown>>) =>
        warnings.warn(message, fields),
    };
    const facts = {
      uploads: { buckets: Object.fromEntries(tenants), path: '/s3-events' },
    };
    return { routes: [...uploadsRoutes(context), ...infoRoutes(config, facts)], close() {} };
  },
};

/** What still fails is the store's to repeat. */
const PUBLISH_ATTEMPTS = 3;

function tenantsOf({ UPLOAD_BUCKETS, DATA_BUCKET, TENANT }: Config): ReadonlyMap<string, string> {
  if (UPLOAD_BUCKETS === undefined) {
    return new Map(DATA_BUCKET === undefined ? [] : [[DATA_BUCKET, TENANT]]);
  }
  const pairs = UPLOAD_BUCKETS.split(',').map((pair) => pair.split('='));
  return new Map(pairs.map(([bucket = '', tenant = '']) => [bucket, tenant]));
}
