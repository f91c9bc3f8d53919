import { once } from 'node:events';

import { afterEach, expect, it } from 'vitest';

import { defineModel } from '../../../functions/define-model.ts';
import type { PredictContext } from '../../../functions/predict-context.ts';
import { fakeModel, rowsOf } from '../../support/fake-model.ts';
import type { FakeModelOptions } from '../../support/fake-model.ts';
import { expectError, post } from '../../support/http-client.ts';
import { serveDefinition } from '../../support/serve-definition.ts';
import type { ServedDefinition } from '../../support/serve-definition.ts';
import { windowed } from '../../support/tally-model.ts';

type Predict = (context: PredictContext<unknown>) => Promise<void>;

let served: ServedDefinition | undefined;
afterEach(() => served?.close());

const INSTANCE = { data: 'QQ==' };

/** Serves a model that does what a test wants, instance by instance; the address of its `/predict`. */
async function serve(predict: Predict, options: FakeModelOptions = {}): Promise<string> {
  const definition = defineModel({
    ...windowed,
    async predict(_instance, context) {
      await predict(context);
      return { total: 1, length: 1, notes: [] };
    },
  });
  served = await serveDefinition(definition, fakeModel(options));
  return `${served.url}/predict`;
}

it('tells code that predicts when the deadline passes, and answers 504', async () => {
  const url = await serve(async ({ signal }) => {
    await once(signal, 'abort');
    signal.throwIfAborted();
  });

  expectError(
    await post(url, INSTANCE, { 'x-request-timeout-ms': '30' }),
    'INFERENCE_TIMEOUT',
    'typed',
  );
});

it('answers 504 also when that code does not listen', async () => {
  const url = await serve(async ({ signal }) => {
    await once(signal, 'abort');
  });

  const answer = await post(url, INSTANCE, { 'x-request-timeout-ms': '30' });

  expectError(answer, 'INFERENCE_TIMEOUT', 'typed');
});

it('starts no run after the deadline', async () => {
  let runs = 0;
  const url = await serve(
    async ({ signal, infer }) => {
      await once(signal, 'abort');
      await infer(rowsOf(1), 1);
    },
    {
      run: async () => {
        runs += 1;
        return {};
      },
    },
  );

  const answer = await post(url, INSTANCE, { 'x-request-timeout-ms': '30' });

  expectError(answer, 'INFERENCE_TIMEOUT', 'typed');
  expect(runs).toBe(0);
});

it('tells code that predicts when the client goes', async () => {
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  let note = (_reason: unknown): void => {};
  const told = new Promise<unknown>((resolve) => (note = resolve));
  const url = await serve(async ({ signal }) => {
    begin();
    await once(signal, 'abort');
    note(signal.reason);
    signal.throwIfAborted();
  });
  const controller = new AbortController();

  const request = fetch(url, {
    method: 'POST',
    body: JSON.stringify(INSTANCE),
    headers: { 'content-type': 'application/json' },
    signal: controller.signal,
  });
  await begun;
  controller.abort();

  await expect(request).rejects.toThrow('abort');
  expect(String(await told)).toContain('went away');
});

it('does not abort when all is well', async () => {
  let seen: AbortSignal | undefined;
  const url = await serve(async ({ signal }) => {
    seen = signal;
  });

  await post(url, INSTANCE, { 'x-request-timeout-ms': '1000' });
  await post(url, INSTANCE);

  expect(seen?.aborted).toBe(false);
});
