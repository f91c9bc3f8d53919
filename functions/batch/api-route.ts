import { VERSION } from '../runtime/version.ts';
import { jsonReply } from '../serving/http/respond.ts';
import type { Route } from '../serving/http/route.ts';
import { apiDocument } from '../serving/openapi/document.ts';
import { jobSchemas } from './describe-jobs.ts';

/** `GET /openapi.json`: the API of batch jobs in OpenAPI 3.1. */
export function apiRoute(routes: readonly Route[]): Route {
  return {
    method: 'GET',
    path: '/openapi.json',
    handle: () =>
      jsonReply(
        200,
        apiDocument(routes, {
          info: {
            title: 'Pilotlight: batch jobs',
            version: VERSION,
            description:
              'Scores what lies in a bucket, or what a request brings along, record by record',
          },
          schemas: jobSchemas(),
        }),
      ),
  };
}
