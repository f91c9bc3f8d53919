import * as z from 'zod';

import { ERROR_TABLE } from '../../runtime/errors.ts';
import { VERSION } from '../../runtime/version.ts';
import { jsonReply } from '../http/respond.ts';
import { errorForm } from '../http/route.ts';
import type { Route } from '../http/route.ts';
import type { ModelService } from '../service.ts';
import { protocolExchange, protocolSchemas } from './openapi-protocols.ts';
import type { Exchange } from './openapi-protocols.ts';

const ENVELOPE = {
  model_name: { type: 'string' },
  model_version: { type: 'string' },
  request_id: { type: 'string' },
  processing_time_ms: { type: 'number' },
  batch_size: { type: 'integer', description: 'Rows of the run that served the request' },
};

/** `GET /openapi.json`: the model's routes, described in OpenAPI 3.1 from the model's own schemas. */
export function openApiRoute(service: ModelService, routes: readonly Route[]): Route {
  return {
    method: 'GET',
    path: '/openapi.json',
    handle: () => jsonReply(200, document(service, routes)),
  };
}

function document(service: ModelService, routes: readonly Route[]): unknown {
  const { name, version, description } = service.model.manifest;
  return {
    openapi: '3.1.0',
    info: {
      title: `Pilotlight: ${name}`,
      version: `${VERSION}+${name}.${version}`,
      description,
    },
    paths: pathsOf(routes),
    components: { schemas: schemasOf(service) },
  };
}

function schemasOf({ definition }: Pick<ModelService, 'definition'>): Record<string, unknown> {
  const schema = (type: z.ZodType, io: 'input' | 'output'): Record<string, unknown> => {
    // The document as a whole names the dialect.
    const { $schema: _, ...rest } = z.toJSONSchema(type, { io });
    return rest;
  };
  const prediction = schema(definition.response, 'output');
  return {
    Instance: schema(definition.request, 'input'),
    Prediction: prediction,
    PredictRequest: {
      anyOf: [
        { $ref: '#/components/schemas/Instance' },
        {
          type: 'object',
          required: ['instances'],
          additionalProperties: false,
          properties: {
            instances: {
              type: 'array',
              minItems: 1,
              items: { $ref: '#/components/schemas/Instance' },
            },
          },
        },
      ],
    },
    PredictResponse: {
      anyOf: [
        {
          ...prediction,
          additionalProperties: true,
          properties: { ...(prediction['properties'] as object), ...ENVELOPE },
        },
        {
          type: 'object',
          required: ['predictions', ...Object.keys(ENVELOPE)],
          properties: {
            predictions: { type: 'array', items: { $ref: '#/components/schemas/Prediction' } },
            ...ENVELOPE,
          },
        },
      ],
    },
    ...protocolSchemas(),
    TypedError: {
      type: 'object',
      required: ['error'],
      properties: {
        error: {
          type: 'object',
          required: ['code', 'message', 'request_id'],
          properties: {
            code: { enum: Object.keys(ERROR_TABLE) },
            message: { type: 'string' },
            request_id: { type: 'string' },
            details: { type: 'array', items: { type: 'object' } },
          },
        },
      },
    },
    ProtocolError: {
      type: 'object',
      required: ['error'],
      properties: {
        error: { type: 'string' },
        code: { enum: Object.keys(ERROR_TABLE) },
        request_id: { type: 'string' },
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

function operation(route: Route): unknown {
  const protocol = errorForm(route.path) === 'protocol';
  const reference = (schema: string): Record<string, unknown> => ({
    'application/json': { schema: { $ref: `#/components/schemas/${schema}` } },
  });
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const exchange: Exchange = protocolExchange(route) ?? {
    request: reference('PredictRequest'),
    response: reference('PredictResponse'),
  };
  const predicts = route.predicts === true;
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...(exchange.parameters ?? []),
  ];
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replaceAll(/[^A-Za-z0-9]+/g, '_')}`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(predicts ? { requestBody: { required: true, content: exchange.request } } : {}),
    responses: {
      200: {
        description: 'The answer',
        ...(exchange.responseHeaders === undefined ? {} : { headers: exchange.responseHeaders }),
        content: predicts ? exchange.response : { 'application/json': { schema: {} } },
      },
      default: {
        description: 'An error of the table in docs/ERRORS.md',
        content: reference(protocol ? 'ProtocolError' : 'TypedError'),
      },
    },
  };
}
