import { afterEach, expect, it, vi } from 'vitest';

import { iris } from '../../../functions/iris/index.ts';
import type { TensorMap } from '../../../functions/runtime/tensor.ts';
import type { ModelFacts } from '../../../models/loader/loaded-model.ts';
import { fakeModel } from '../../support/fake-model.ts';
import type { FakeModelOptions } from '../../support/fake-model.ts';
import { SETOSA, ask, expectError, json, post } from '../../support/http-client.ts';
import type { Answer } from '../../support/http-client.ts';
import { serveModel } from '../../support/serve-model.ts';
import type { ServedModel } from '../../support/serve-model.ts';

let served: ServedModel | undefined;

afterEach(() => served?.stop());

/** Serves iris with a model that does what a test wants. */
async function serve(
  options: FakeModelOptions,
  more: Parameters<typeof serveModel>[1] = {},
): Promise<string> {
  const labels = ['setosa', 'versicolor', 'virginica'];
  served = await serveModel({ ...fakeModel(options), labels }, more);
  return served.url;
}

/** What iris' model answers for any rows: all of them setosa. */
function setosas({ features }: TensorMap): TensorMap {
  const rows = features?.shape[0] ?? 0;
  const data = Float32Array.from({ length: 3 * rows }, (_, index) => (index % 3 === 0 ? 1 : 0));
  return { probabilities: { datatype: 'FP32', shape: [rows, 3], data } };
}

it('answers 400 when the model fails on a request and is sound else, and stays ready', async () => {
  const url = await serve({
    run: () => Promise.reject(new Error('/opt/model: index out of range')),
  });

  const answer = await post(`${url}/predict`, SETOSA);

  expect(expectError(answer, 'INVALID_REQUEST', 'typed').message).not.toContain(
    'index out of range',
  );
  expect((await ask(`${url}/ready`)).status).toBe(200);
});

it('answers 500 when the model itself fails, and is not ready any more', async () => {
  const url = await serve({
    run: () => Promise.reject(new Error('/opt/model: out of memory')),
    proveGolden: () => Promise.reject(new Error('golden example is not reproduced')),
  });

  const answer = await post(`${url}/predict`, SETOSA);

  expectError(answer, 'INFERENCE_FAILED', 'typed');
  expect(answer.text).not.toMatch(/memory|golden|opt/);
  expect((await ask(`${url}/ready`)).status).toBe(503);
  expect((await ask(`${url}/v2/health/ready`)).status).toBe(503);
  expect((await ask(`${url}/v2/models/fake/ready`)).status).toBe(503);
  // A restart is the platform's decision: the event loop still answers.
  expect((await ask(`${url}/healthz`)).status).toBe(200);
  expect((await ask(`${url}/metrics`)).text).toContain(
    'inference_errors_total{model="fake",error_type="INFERENCE_FAILED"} 1',
  );
});

it('is ready again when its golden example passes again', async () => {
  let isBroken = true;
  const url = await serve({
    run: async (inputs) => {
      if (isBroken) throw new Error('out of memory');
      return setosas(inputs);
    },
    proveGolden: async () => {
      if (isBroken) throw new Error('golden example is not reproduced');
    },
  });
  expectError(await post(`${url}/predict`, SETOSA), 'INFERENCE_FAILED', 'typed');
  const refused = await post(`${url}/predict`, SETOSA);
  expectError(refused, 'MODEL_LOAD', 'typed');
  expect(refused.headers.get('retry-after')).toBe('1');
  expect((await ask(`${url}/ready`)).status).toBe(503);

  isBroken = false;
  await vi.waitUntil(async () => (await ask(`${url}/ready`)).status === 200, { timeout: 30_000 });

  expect((await post(`${url}/predict`, SETOSA)).status).toBe(200);
});

it('answers 500 without a word of the inside when our own code fails', async () => {
  const definition = {
    ...iris,
    postprocess: (): never => {
      throw new Error('no such label: password');
    },
  };
  const url = await serve({ run: async (inputs) => setosas(inputs) }, { definition });

  const answer = await post(`${url}/predict`, SETOSA);

  expectError(answer, 'INFERENCE_FAILED', 'typed');
  expect(answer.text).not.toContain('password');
});

it('lets the function read what it needs of the package before it is ready', async () => {
  const seen: string[] = [];
  const definition = {
    ...iris,
    prepare: (model: ModelFacts): void => void seen.push(...model.labels),
  };

  await serve({ run: async (inputs) => setosas(inputs) }, { definition });

  expect(seen).toEqual(['setosa', 'versicolor', 'virginica']);
});

it('gives up the model for good when the function cannot read what it brings', async () => {
  const definition = {
    ...iris,
    prepare: (): never => {
      throw new Error('words.json is not JSON');
    },
  };

  const serving = serve({ run: async (inputs) => setosas(inputs) }, { definition });

  await expect(serving).rejects.toMatchObject({
    code: 'MODEL_LOAD',
    permanent: true,
    message: 'Cannot use the model fake version 3: words.json is not JSON',
  });
});

it('answers 429 and when to try again when too much waits', async () => {
  let finish = (): void => {};
  const busy = new Promise<void>((resolve) => (finish = resolve));
  let started = (): void => {};
  const running = new Promise<void>((resolve) => (started = resolve));
  const url = await serve(
    {
      run: async (inputs) => {
        started();
        await busy;
        return setosas(inputs);
      },
    },
    { env: { MAX_QUEUE_ROWS: '2' } },
  );
  const first = post(`${url}/predict`, SETOSA);
  await running;
  const refused: Answer[] = [];
  let allRefused = (): void => {};
  const crowded = new Promise<void>((resolve) => (allRefused = resolve));
  const crowd = Array.from({ length: 5 }, async () => {
    const answer = await post(`${url}/predict`, SETOSA);
    if (answer.status === 429 && refused.push(answer) === 3) allRefused();
    return answer;
  });

  await crowded;
  finish();
  const answers = await Promise.all([first, ...crowd]);

  for (const answer of refused) {
    expectError(answer, 'QUEUE_FULL', 'typed');
    expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  }
  const batchSizes = answers
    .filter(({ status }) => status === 200)
    .map((answer) => json(answer)['batch_size']);
  // The rest was refused: there was room for two rows while the first ran.
  expect(refused).toHaveLength(3);
  expect(batchSizes).toEqual([1, 2, 2]);
});

it('answers 504 when the model takes longer than the caller waits', async () => {
  let finish = (): void => {};
  const busy = new Promise<void>((resolve) => (finish = resolve));
  const url = await serve({
    run: async (inputs) => {
      await busy;
      return setosas(inputs);
    },
  });
  const slow = post(`${url}/predict`, SETOSA);
  const waiting = post(`${url}/predict`, SETOSA, { 'x-request-timeout-ms': '50' });

  expectError(await waiting, 'INFERENCE_TIMEOUT', 'typed');
  finish();
  expect((await slow).status).toBe(200);
});
