import { VERSION } from '../../../runtime/version.ts';
import { jsonReply } from '../../http/respond.ts';
import { errorForm } from '../../http/route.ts';
import type { Route, RouteDescription } from '../../http/route.ts';
import type { ModelService } from '../../service.ts';
import { typedSchemas } from '../typed/describe.ts';
import { componentRef } from './json-schema.ts';
import { errorSchemas } from './error-schemas.ts';
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
  return {
    openapi: '3.1.0',
    info: {
      title: `Pilotlight: ${name}`,
      version: `${VERSION}+${name}.${version}`,
      description,
      license: { name: licence },
    },
    servers: [{ url: '/' }],
    paths: pathsOf(routes),
    components: {
      schemas: {
        ...(definition.protocolsOnly === true ? {} : typedSchemas(definition)),
        ...protocolSchemas(),
        ...errorSchemas(),
      },
    },
  };
}

function pathsOf(routes: readonly Route[]): Record<string, Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  }
  return paths;
}

/** Headers of every request and every answer of a prediction. */
const REQUEST_HEADERS = [
  {
    name: 'X-Request-Id',
    in: 'header',
    description: 'Given back, logged, and in errors; made when it is missing',
    schema: { type: 'string', maxLength: 256 },
  },
  {
    name: 'X-Request-Timeout-Ms',
    in: 'header',
    description: 'When the answer must be there; only shortens the configured time',
    schema: { type: 'integer', minimum: 1 },
  },
];
const ANSWER_HEADERS = {
  'X-Request-Id': { schema: { type: 'string' } },
  'Server-Timing': { description: 'Steps in milliseconds', schema: { type: 'string' } },
};
const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds', schema: { type: 'integer', minimum: 1 } },
};

function operation(route: Route): unknown {
  const isProtocol = errorForm(route.path) === 'protocol';
  const description = route.describe?.() ?? protocolDescription(route) ?? plainDescription(route);
  const { summary, requestContent, responseContent } = description;
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...(description.parameters ?? []),
    ...(route.predicts === true ? REQUEST_HEADERS : []),
  ];
  const error = {
    content: {
      'application/json': { schema: componentRef(isProtocol ? 'ProtocolError' : 'TypedError') },
    },
  };
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replaceAll(/[^A-Za-z0-9]+/g, '_')}`,
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(requestContent === undefined
      ? {}
      : { requestBody: { required: true, content: requestContent } }),
    responses: {
      200: {
        description: 'The answer',
        headers: { ...ANSWER_HEADERS, ...description.responseHeaders },
        content: responseContent,
      },
      ...(route.predicts === true
        ? {
            429: { description: 'Too much waits already', headers: RETRY_AFTER, ...error },
            503: { description: 'Not ready, or on the way out', headers: RETRY_AFTER, ...error },
          }
        : {}),
      default: { description: 'An error: its code says which', ...error },
    },
  };
}

/** What can be said of a route that says nothing itself. */
function plainDescription({ method, path }: Route): RouteDescription {
  return {
    summary: `${method} ${path}`,
    responseContent: { 'application/json': { schema: {} } },
  };
}
