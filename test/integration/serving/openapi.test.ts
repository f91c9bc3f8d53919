import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

import { defineEndpoint } from '../../../functions/endpoint.ts';
import { iris } from '../../../functions/iris/index.ts';
import { bytes } from '../../../functions/inputs/bytes.ts';
import { errorForm } from '../../../functions/serving/http/route.ts';
import { fakeModel } from '../../support/fake-model.ts';
import { SETOSA, ask, expectError, post } from '../../support/http-client.ts';
import { readApi } from '../../support/openapi.ts';
import type { ApiChecker, Operation } from '../../support/openapi.ts';
import { serveDefinition } from '../../support/serve-definition.ts';
import type { ServedDefinition } from '../../support/serve-definition.ts';
import { startFunction } from '../../support/start-function.ts';
import { tally, windowed } from '../../support/tally-model.ts';

const lengths = defineEndpoint({
  path: '/length',
  description: 'Says how long bytes are',
  request: z.strictObject({ data: bytes('What to measure') }),
  response: z.strictObject({ length: z.int() }),
  example: { data: 'AQID' },
  options: z.object({ unit: z.enum(['bytes', 'bits']).default('bytes').describe('What to count') }),
  forms: [{ mediaTypes: ['text/plain', 'audio/*'], read: ({ body }) => ({ data: body }) }],
  predict: async ({ data }, { options }) => ({
    length: data.length * (options.unit === 'bits' ? 8 : 1),
  }),
  produces: {
    'text/csv': ({ length }) => `${length}\n`,
    'application/x-npy': ({ length }) => Uint8Array.of(length),
  },
});

/** What runs, where it answers, and how to end it. */
type Served = readonly [url: string, end: () => Promise<unknown>];

const FUNCTIONS: readonly (readonly [string, () => Promise<Served>])[] = [
  ...['iris', 'text', 'image', 'clip', 'denoise', 'flava'].map(
    (name): readonly [string, () => Promise<Served>] => [
      name,
      async () => {
        const running = await startFunction({
          env: { FUNCTION_TARGET: name, MODEL_URI: `file:models/${name}` },
        });
        return [running.url, () => running.stop()];
      },
    ],
  ),
  [
    'a function with forms, options and an endpoint',
    async () => {
      const served = await serveDefinition({ ...tally, endpoints: [lengths] }, fakeModel());
      return [served.url, () => served.close()];
    },
  ],
  [
    'a function with another form of /infer',
    async () => {
      const served = await serveDefinition(windowed, fakeModel());
      return [served.url, () => served.close()];
    },
  ],
];

describe.each(FUNCTIONS)('/openapi.json of %s', (_name, start) => {
  let url: string;
  let end: () => Promise<unknown>;
  let api: ApiChecker;
  const operations = (): [string, string, Operation][] =>
    Object.entries(api.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
        path,
        method.toUpperCase(),
        operation,
      ]),
    );

  beforeAll(async () => {
    [url, end] = await start();
    // Holds it to the specification.
    api = await readApi(url);
  });
  afterAll(() => end());

  it('has examples that are valid, work, and are answered as it says', async () => {
    let run = 0;
    for (const [path, method, operation] of operations()) {
      for (const [type, { schema, examples = {} }] of Object.entries(
        operation.requestBody?.content ?? {},
      )) {
        for (const { value } of Object.values(examples)) {
          api.expectValid(schema, value);
          const answer = await ask(url + path, {
            method,
            body: JSON.stringify(value),
            headers: { 'content-type': type },
          });
          expect(answer.status, answer.text).toBe(200);
          api.expectDescribed(operation, answer);
          run += 1;
        }
      }
    }

    expect(run).toBeGreaterThanOrEqual(4);
  });

  it('describes what GET answers', async () => {
    const gets = operations().filter(([path, method]) => method === 'GET' && !path.includes('{'));

    expect(gets.length).toBeGreaterThan(2);
    for (const [path, , operation] of gets) {
      const answer = await ask(url + path, { headers: { accept: 'application/json' } });
      api.expectDescribed(operation, answer);
    }
  });

  it('describes errors, those of the protocol too', async () => {
    for (const [path, , operation] of operations().filter(([, method]) => method === 'POST')) {
      const answer = await post(url + path.replace(/\{\w+\}/, 'rose'), { wrong: [1] });

      expect([400, 403, 404]).toContain(answer.status);
      api.expectDescribed(operation, answer);
    }
  });

  it('has every media type that is read, and no other', async () => {
    for (const [path, , operation] of operations()) {
      if (operation.requestBody === undefined) continue;
      const types = Object.keys(operation.requestBody.content);
      const target = url + path.replace('{model}', 'fake').replace('{version}', '3');
      const refused = await ask(target, {
        method: 'POST',
        body: 'x',
        headers: { 'content-type': 'a/b' },
      });

      expect(expectError(refused, 'UNSUPPORTED_MEDIA_TYPE', errorForm(path)).message).toContain(
        types.join(' or '),
      );
    }
  });
});

it('takes what the schema takes, and refuses what it refuses', async () => {
  const served = await serveDefinition(iris, fakeModel());
  const api = await readApi(served.url);
  const schema = { $ref: '#/components/schemas/PredictRequest' };

  api.expectValid(schema, SETOSA);
  api.expectValid(schema, { instances: [SETOSA, SETOSA] });
  for (const wrong of [
    { ...SETOSA, x: 1 },
    { instances: [] },
    { ...SETOSA, petal_width: -1 },
    [],
  ]) {
    expect(api.isValid(schema, wrong)).toBe(false);
    expectError(await post(`${served.url}/predict`, wrong), 'INVALID_REQUEST', 'typed');
  }
  await served.close();
});

describe.each([
  ['flat', tally],
  ['enveloped', windowed],
])('/openapi.json of forms and options, answers %s', (_how, definition) => {
  let served: ServedDefinition;
  let api: ApiChecker;
  const postOf = (path: string): Operation => api.document.paths[path]?.['post'] as Operation;
  beforeAll(async () => {
    served = await serveDefinition({ ...definition, endpoints: [lengths] }, fakeModel());
    api = await readApi(served.url);
  });
  afterAll(() => served.close());

  it('describes a form so that one can be sent by it', async () => {
    for (const path of ['/predict', '/infer']) {
      const operation = postOf(path);
      const schema = operation.requestBody?.content['multipart/form-data']?.schema ?? {};
      const { properties, required } = schema as {
        properties: Record<string, { type: string; contentMediaType?: string }>;
        required: string[];
      };
      expect(required).toEqual(['file']);
      expect(Object.keys(properties)).toEqual(['file', 'text', 'factor', 'sorted', 'note']);
      const body = new FormData();
      for (const [field, { type, contentMediaType }] of Object.entries(properties)) {
        if (contentMediaType !== undefined) body.append(field, new Blob(['ab']), 'a.bin');
        else body.append(field, { number: '2', boolean: 'true' }[type] ?? 'text');
        if (type === 'array') body.append(field, 'again');
      }

      const answer = await ask(served.url + path, { method: 'POST', body });

      expect(answer.status, answer.text).toBe(200);
      api.expectDescribed(operation, answer);
    }
  });

  it('describes options as parameters of the query', () => {
    const parameters = postOf('/predict').parameters ?? [];

    expect(parameters.filter((one) => one.in === 'query')).toEqual([
      {
        name: 'factor',
        in: 'query',
        description: 'What to multiply by',
        schema: { type: 'number', default: 1, minimum: 1, maximum: 100 },
      },
      {
        name: 'sorted',
        in: 'query',
        description: 'Whether to sort the notes',
        schema: { type: 'boolean', default: false },
      },
      {
        name: 'note',
        in: 'query',
        description: 'One more note',
        schema: { type: 'string', minLength: 1 },
      },
    ]);
  });

  it('describes bytes as base64', () => {
    expect(api.document.components.schemas['Instance']).toMatchObject({
      properties: { data: { type: 'string', contentEncoding: 'base64' } },
      required: ['data'],
    });
  });

  it('has every form of an answer, and each is given for its Accept', async () => {
    const operation = postOf('/length');
    const types = Object.keys(operation.responses['200']?.content ?? {});
    expect(types).toEqual(['application/json', 'text/csv', 'application/x-npy']);
    for (const accept of types) {
      const answer = await post(`${served.url}/length?unit=bits`, { data: 'AQID' }, { accept });

      expect(answer.headers.get('content-type')?.split(';')[0]).toBe(accept);
      api.expectDescribed(operation, answer);
    }
  });
});
