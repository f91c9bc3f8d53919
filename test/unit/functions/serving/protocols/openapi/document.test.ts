import type { IncomingMessage } from 'node:http';

import { describe, expect, it } from 'vitest';

import { readContext } from '../../../../../../functions/serving/http/request-context.ts';
import type { Reply } from '../../../../../../functions/serving/http/route.ts';
import { modelRoutes } from '../../../../../../functions/serving/protocols/routes.ts';
import { fakeModel } from '../../../../../support/fake-model.ts';
import { serviceOf } from '../../../../../support/fake-service.ts';

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Record<string, unknown>>> };
}

const routes = modelRoutes(serviceOf(fakeModel()));
const context = readContext({ url: '/', headers: {}, socket: {} } as IncomingMessage);
const route = routes.find(({ path }) => path === '/openapi.json');
const reply = (await route?.handle(context, {}, Buffer.alloc(0))) as Reply;
const document = JSON.parse(String(reply.body)) as Document;

/** Every `$ref` below a value. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    key === '$ref' ? [String(part)] : references(part),
  );
}

describe('GET /openapi.json', () => {
  it('has every route but itself', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = routes.map(({ method, path }) => `${method} ${path}`);

    expect(described.toSorted()).toEqual(
      served.filter((one) => one !== 'GET /openapi.json').toSorted(),
    );
  });

  it('has no reference that leads nowhere', () => {
    const known = Object.keys(document.components.schemas).map(
      (name) => `#/components/schemas/${name}`,
    );

    const found = references(document);

    expect(found.length).toBeGreaterThan(10);
    for (const reference of found) expect(known).toContain(reference);
  });

  it('names every operation once, and every parameter of its path', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).map((operation) => ({ path, ...operation })),
    );

    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, parameters = [] } of operations) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    }
  });

  it('describes the model’s own request and answer, units included', () => {
    const { Instance, Prediction } = document.components.schemas;

    expect(Instance).toMatchObject({
      type: 'object',
      required: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'],
      additionalProperties: false,
      properties: {
        petal_width: { type: 'number', minimum: 0, maximum: 100, description: /centimetres/ },
      },
    });
    expect(Object.keys((Prediction ?? {})['properties'] as object)).toEqual([
      'prediction',
      'confidence',
      'probabilities',
    ]);
  });

  it('asks for a body where there is a prediction to make', () => {
    for (const path of ['/predict', '/infer', '/v1/models/{model}:predict']) {
      expect(document.paths[path]?.['post']?.requestBody).toBeDefined();
    }
  });

  it('describes both forms of the Open Inference Protocol', () => {
    const infer = document.paths['/v2/models/{model}/infer']?.['post'];

    expect(Object.keys(infer?.requestBody?.content ?? {})).toEqual([
      'application/json',
      'application/octet-stream',
    ]);
    expect(infer?.parameters).toContainEqual(
      expect.objectContaining({ name: 'Inference-Header-Content-Length', in: 'header' }),
    );
  });
});
