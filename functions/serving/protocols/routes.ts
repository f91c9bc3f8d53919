import type { Route } from '../http/route.ts';
import type { EventWork } from '../event-work.ts';
import type { ModelService } from '../service.ts';
import { eventRoute } from './events/routes.ts';
import { infoRoutes } from './info.ts';
import { kserveV1Routes } from './kserve-v1/routes.ts';
import { openInferenceRoutes } from './open-inference/routes.ts';
import { openApiDocument, openApiRoute } from './openapi/document.ts';
import { endpointRoutes } from './typed/endpoints.ts';
import { predictRoutes } from './typed/predict.ts';

/**
 * Every route that a model function answers, probes and metrics aside.
 * @param work What events can ask for besides predictions. @default nothing
 */
export function modelRoutes(service: ModelService, work?: EventWork): Route[] {
  const typed = service.definition.protocolsOnly !== true;
  const routes: Route[] = [
    ...(typed ? [...predictRoutes(service), ...endpointRoutes(service)] : []),
    ...openInferenceRoutes(service),
    ...kserveV1Routes(service),
    ...infoRoutes(service, () => openApiDocument(service, routes)),
    eventRoute(service, work),
  ];
  return [...routes, openApiRoute(service, routes)];
}
