import { afterEach, expect, it, vi } from 'vitest';

import { DEFAULT_BACKOFF } from '../../../models/loader/backoff.ts';
import type { LoadEvent } from '../../../models/loader/load-event.ts';
import { ask, expectError, json, post } from '../../support/http-client.ts';
import type { Answer } from '../../support/http-client.ts';
import { loadTroublesomeModel } from '../../support/load-troublesome-model.ts';
import { serveModel } from '../../support/serve-model.ts';
import type { ServedModel } from '../../support/serve-model.ts';
import { troublesomeRows } from '../../support/troublesome-model.ts';
import type { TroublesomeRow } from '../../support/troublesome-model.ts';

/** Keeps a worker busy until somebody ends it. */
const ENDLESS = { value: 0, rounds: 2 ** 30 };

let served: ServedModel | undefined;
let events: readonly LoadEvent[];

afterEach(() => served?.stop());

async function serve(
  workers: number,
  env: Readonly<Record<string, string>> = {},
  backoff = DEFAULT_BACKOFF,
): Promise<string> {
  const loaded = await loadTroublesomeModel(workers, { backoff });
  ({ events } = loaded);
  const { pool } = loaded.model;
  await vi.waitUntil(() => pool?.sessions().length === workers, { timeout: 30_000 });
  served = await serveModel(loaded.model, { env });
  return served.url;
}

function infer(
  url: string,
  rows: readonly TroublesomeRow[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { shape, data } = troublesomeRows(rows);
  const input = { name: 'x', datatype: 'FP32', shape, data: [...(data as Float32Array)] };
  return post(`${url}/v2/models/iris/infer`, { inputs: [input] }, headers);
}

function valuesIn(answer: Answer): unknown {
  expect(answer.status).toBe(200);
  return json<{ outputs: { name: string; data: number[] }[] }>(answer).outputs.find(
    ({ name }) => name === 'y',
  )?.data;
}

/** Resolves once the worker computes: nothing waits any more for the model to be free. */
async function untilBusy(url: string): Promise<void> {
  await vi.waitUntil(async () => {
    const { text } = await ask(`${url}/metrics`);
    return /^inference_runs_in_progress\{model="iris"\} 1$/m.test(text);
  });
}

const lastPid = (): number =>
  Number(events.findLast((event) => event.event === 'session-started')?.pid);

it('answers probes, metrics and refusals while the model computes', async () => {
  const url = await serve(1);
  let isOver = false;
  const endless = infer(url, [ENDLESS]).finally(() => (isOver = true));
  await untilBusy(url);

  expect((await ask(`${url}/healthz`)).status).toBe(200);
  expect((await ask(`${url}/ready`)).status).toBe(200);
  expect((await ask(`${url}/metrics`)).text).toContain('inference_sessions{model="iris"} 1');
  expectError(await post(`${url}/v2/models/iris/infer`, '{'), 'INVALID_REQUEST', 'protocol');
  expect(isOver).toBe(false);

  process.kill(lastPid(), 'SIGKILL');
  expectError(await endless, 'INFERENCE_FAILED', 'protocol');
});

it('answers 504 at the deadline, in the middle of a run', async () => {
  const url = await serve(1);

  const late = await infer(url, [ENDLESS], { 'x-request-timeout-ms': '200' });

  expectError(late, 'INFERENCE_TIMEOUT', 'protocol');
  // The run goes on: it is the longest deadline of all that ends it.
  expect(events.some(({ event }) => event === 'session-lost')).toBe(false);
});

it('ends a run that nobody can wait for any more, and serves again', async () => {
  const url = await serve(1, { INFERENCE_TIMEOUT_MS: '700' });

  expectError(await infer(url, [ENDLESS]), 'INFERENCE_TIMEOUT', 'protocol');
  await vi.waitUntil(async () => (await infer(url, [{ value: 3 }])).status === 200, {
    timeout: 30_000,
  });

  expect(events).toContainEqual({
    event: 'session-lost',
    reason: 'ran for more than 700 ms',
    sessions: 0,
  });
});

it('fails only the request whose row the model refuses, and names the row', async () => {
  const url = await serve(1);
  const first = infer(url, [{ value: 1, rounds: 50_000 }]);
  await untilBusy(url);
  const [good, bad, last] = await Promise.all([
    infer(url, [{ value: 2 }]),
    infer(url, [{ value: 3 }, { value: 4 }, { value: 5, fails: true }]),
    infer(url, [{ value: 6 }]),
  ]);

  expect(valuesIn(await first)).toEqual([2]);
  expect([valuesIn(good), valuesIn(last)]).toEqual([[4], [12]]);
  expectError(bad, 'INVALID_REQUEST', 'protocol');
  expect(json(bad)['details']).toMatchObject([{ instance: 2 }]);
  expect((await ask(`${url}/ready`)).status).toBe(200);
});

it('survives a crash of native code: only the request that causes it fails', async () => {
  const url = await serve(1);
  const first = infer(url, [{ value: 1, rounds: 50_000 }]);
  await untilBusy(url);
  const [good, bad, last] = await Promise.all([
    infer(url, [{ value: 2 }]),
    infer(url, [{ value: 3, crashes: true }]),
    infer(url, [{ value: 4 }]),
  ]);

  expect(valuesIn(await first)).toEqual([2]);
  expect([valuesIn(good), valuesIn(last)]).toEqual([[4], [8]]);
  expectError(bad, 'INFERENCE_FAILED', 'protocol');
  const ends = events.flatMap((event) => (event.event === 'session-lost' ? [event.reason] : []));
  expect(ends).toEqual(['was ended by SIGFPE', 'was ended by SIGFPE']);
  await vi.waitUntil(async () => (await ask(`${url}/ready`)).status === 200, { timeout: 30_000 });
});

it('is not ready while no process runs, and ready with the next one', async () => {
  // A second crash in a row is not made good before this.
  const gate = Promise.withResolvers<void>();
  const url = await serve(1, {}, { ...DEFAULT_BACKOFF, sleep: () => gate.promise });
  const crash = [{ value: 1, crashes: true }];
  expectError(await infer(url, crash), 'INFERENCE_FAILED', 'protocol');
  expectError(await infer(url, crash), 'INFERENCE_FAILED', 'protocol');

  expect((await ask(`${url}/ready`)).status).toBe(503);
  expect((await ask(`${url}/v2/models/iris/ready`)).status).toBe(503);
  expect((await ask(`${url}/healthz`)).status).toBe(200);
  expect((await ask(`${url}/metrics`)).text).toContain('inference_sessions{model="iris"} 0');
  const waiting = infer(url, [{ value: 2 }]);
  gate.resolve();

  expect(valuesIn(await waiting)).toEqual([4]);
  expect((await ask(`${url}/ready`)).status).toBe(200);
});

it('stays ready on the other process when one of two is lost', async () => {
  const url = await serve(2);

  expectError(await infer(url, [{ value: 1, crashes: true }]), 'INFERENCE_FAILED', 'protocol');

  expect((await ask(`${url}/ready`)).status).toBe(200);
  expect(valuesIn(await infer(url, [{ value: 2 }]))).toEqual([4]);
});
