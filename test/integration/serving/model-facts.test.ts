import { afterEach, describe, expect, it } from 'vitest';

import { loadFixture } from '../../fixtures/onnx/load-fixture.ts';
import { SCALAR, SUMS, TEXTS } from '../../fixtures/onnx/models.ts';
import type { FixtureModel } from '../../fixtures/onnx/models.ts';
import { fakeModel } from '../../support/fake-model.ts';
import { ask, expectError, json, post } from '../../support/http-client.ts';
import { serveModel } from '../../support/serve-model.ts';
import type { ServedModel } from '../../support/serve-model.ts';

let server: ServedModel | undefined;

afterEach(() => server?.stop());

async function serve(fixture: FixtureModel): Promise<string> {
  server = await serveModel(await loadFixture(fixture));
  return server.url;
}

describe('GET …/config', () => {
  it.each(['/v2/models/sums/config', '/v2/models/sums/versions/1/config'])(
    'describes a model with rows, without their axis: %s',
    async (path) => {
      expect(json(await ask((await serve(SUMS)) + path))).toEqual({
        name: 'sums',
        platform: 'onnx_onnxv1',
        backend: 'onnxruntime',
        version_policy: { specific: { versions: [1] } },
        max_batch_size: 16,
        input: [
          { name: 'a', data_type: 'TYPE_FP32', dims: [2] },
          { name: 'b', data_type: 'TYPE_INT64', dims: [1] },
        ],
        output: [
          { name: 'total', data_type: 'TYPE_FP32', dims: [2] },
          { name: 'echo', data_type: 'TYPE_INT64', dims: [1] },
        ],
        dynamic_batching: { max_queue_delay_microseconds: 0 },
        instance_group: [{ name: 'sums', kind: 'KIND_CPU', count: 1 }],
        default_model_filename: 'model.onnx',
      });
    },
  );

  it('describes a model without rows', async () => {
    const config = json(await ask(`${await serve(SCALAR)}/v2/models/scalar/config`));

    expect(config).toMatchObject({
      max_batch_size: 0,
      input: [{ name: 'x', data_type: 'TYPE_FP32', dims: [] }],
    });
    expect(config).not.toHaveProperty('dynamic_batching');
  });

  it('calls texts as Triton does', async () => {
    expect(json(await ask(`${await serve(TEXTS)}/v2/models/texts/config`))).toMatchObject({
      input: [{ name: 'x', data_type: 'TYPE_STRING', dims: [1] }],
    });
  });
});

interface Statistics {
  readonly model_stats: readonly [
    {
      readonly last_inference: number;
      readonly inference_stats: { readonly compute_infer: { readonly ns: number } };
    },
  ];
}

describe('GET …/stats', () => {
  const infer = (url: string, rows: number, b = 1): ReturnType<typeof post> =>
    post(`${url}/v2/models/sums/infer`, {
      inputs: [
        { name: 'a', datatype: 'FP32', shape: [rows, 2], data: Array(2 * rows).fill(1) },
        { name: 'b', datatype: 'INT64', shape: [rows, 1], data: Array(rows).fill(b) },
      ],
    });
  const duration = (count: number): object => ({ count, ns: expect.any(Number) as number });

  it('counts requests, rows and runs', async () => {
    const url = await serve(SUMS);
    const before = Date.now();
    for (const rows of [1, 3, 1]) await infer(url, rows);
    const [first, ...others] = await Promise.all(
      ['/v2/models/stats', '/v2/models/sums/stats', '/v2/models/sums/versions/1/stats'].map(
        async (path) => json<Statistics>(await ask(url + path)),
      ),
    );

    expect(others).toEqual([first, first]);
    const compute = {
      compute_input: duration(3),
      compute_infer: duration(3),
      compute_output: duration(3),
    };
    expect(first).toEqual({
      model_stats: [
        {
          name: 'sums',
          version: '1',
          last_inference: expect.any(Number) as number,
          inference_count: 5,
          execution_count: 3,
          inference_stats: {
            success: duration(3),
            fail: { count: 0, ns: 0 },
            queue: duration(3),
            ...compute,
            cache_hit: { count: 0, ns: 0 },
            cache_miss: { count: 0, ns: 0 },
          },
          batch_stats: [
            {
              batch_size: 1,
              compute_input: duration(2),
              compute_infer: duration(2),
              compute_output: duration(2),
            },
            {
              batch_size: 3,
              compute_input: duration(1),
              compute_infer: duration(1),
              compute_output: duration(1),
            },
          ],
        },
      ],
    });
    const [counted] = (first as Statistics).model_stats;
    expect(counted.last_inference).toBeGreaterThanOrEqual(before);
    expect(counted.inference_stats.compute_infer.ns).toBeGreaterThan(0);
  });

  it('is 404 for another model', async () => {
    const answer = await ask(`${await serve(SUMS)}/v2/models/rose/stats`);

    expectError(answer, 'MODEL_NOT_FOUND', 'protocol');
  });
});

describe('POST /v2/repository/index', () => {
  const ready = { name: 'texts', version: '1', state: 'READY', reason: '' };

  it.each(['', '{}', '{"ready":true}', '{"ready":false}'])(
    'lists the model for %j',
    async (body) => {
      const answer = await post(`${await serve(TEXTS)}/v2/repository/index`, body);

      expect(json(answer)).toEqual([ready]);
    },
  );

  it.each(['[]', '{"ready":1}', '{"name":"texts"}', 'ready'])('refuses %j', async (body) => {
    const answer = await post(`${await serve(TEXTS)}/v2/repository/index`, body);

    expectError(answer, 'INVALID_REQUEST', 'protocol');
  });
});

it('a model that fails is said not to be ready, everywhere', async () => {
  const broken = (): Promise<never> => Promise.reject(new Error('broken'));
  server = await serveModel(fakeModel({ run: broken, proveGolden: broken }));
  const { url } = server;
  const x = { name: 'x', datatype: 'FP32', shape: [1, 1], data: [1] };
  await post(`${url}/v2/models/fake/infer`, { inputs: [x] });

  const v2 = await ask(`${url}/v2/models/fake/ready`);
  expect(v2.status).toBe(503);
  expect(json(v2)).toEqual({ name: 'fake', ready: false });
  expectError(await ask(`${url}/v1/models/fake`), 'MODEL_LOAD', 'protocol');
  expect(json(await post(`${url}/v2/repository/index`, ''))).toMatchObject([
    { name: 'fake', state: 'UNAVAILABLE' },
  ]);
  expect(json(await post(`${url}/v2/repository/index`, '{"ready":true}'))).toEqual([]);
});
