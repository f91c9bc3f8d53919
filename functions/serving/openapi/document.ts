import { errorForm } from '../http/route.ts';
import type { ApiObject, Route, RouteDescription } from '../http/route.ts';
import { errorSchemas } from './error-schemas.ts';
import { componentRef } from './json-schema.ts';

/** What a document says besides the routes themselves. */
export interface ApiFacts {
  /** The `info` of the document: https://spec.openapis.org/oas/v3.1.1.html#info-object. */
  readonly info: ApiObject;
  /** Components that the descriptions of the routes refer to; those of errors are added. */
  readonly schemas: Readonly<Record<string, ApiObject>>;
  /** Of routes that do not describe themselves. */
  readonly describe?: (route: Route) => RouteDescription | undefined;
}

/** Routes in OpenAPI 3.1. */
export function apiDocument(
  routes: readonly Route[],
  { info, schemas, describe }: ApiFacts,
): ApiObject {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const description = route.describe?.() ?? describe?.(route) ?? plainDescription(route);
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route, description);
  }
  return {
    openapi: '3.1.0',
    info,
    servers: [{ url: '/' }],
    paths,
    components: { schemas: { ...schemas, ...errorSchemas() } },
  };
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

function operation(route: Route, description: RouteDescription): unknown {
  const isProtocol = errorForm(route.path) === 'protocol';
  const { summary, requestContent, responseContent, statuses = [200] } = description;
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...(description.parameters ?? []),
    ...(route.predicts === true ? REQUEST_HEADERS : []),
  ];
  const answer = {
    description: 'The answer',
    headers: { ...ANSWER_HEADERS, ...description.responseHeaders },
    content: responseContent,
  };
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
      ...Object.fromEntries(statuses.map((status) => [status, answer])),
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
