import { VERSION } from '../../../runtime/version.ts';
import { jsonReply } from '../../http/respond.ts';
import type { Route } from '../../http/route.ts';
import { apiDocument } from '../../openapi/document.ts';
import type { ModelService } from '../../service.ts';
import { typedSchemas } from '../typed/describe.ts';
import { protocolDescription, protocolSchemas } from './protocols.ts';

/** `GET /openapi.json`: the function's routes in OpenAPI 3.1, from the model's own schemas. */
export function openApiRoute(service: ModelService, routes: readonly Route[]): Route {
  return {
    method: 'GET',
    path: '/openapi.json',
    handle: () => jsonReply(200, openApiDocument(service, routes)),
  };
}

/** What `/openapi.json` says of a function. */
export function openApiDocument(service: ModelService, routes: readonly Route[]): unknown {
  const { name, version, description, licence } = service.model.manifest;
  const { definition } = service;
  return apiDocument(routes, {
    info: {
      title: `Pilotlight: ${name}`,
      version: `${VERSION}+${name}.${version}`,
      description,
      license: { name: licence },
    },
    schemas: {
      ...(definition.protocolsOnly === true ? {} : typedSchemas(definition)),
      ...protocolSchemas(),
    },
    describe: protocolDescription,
  });
}
