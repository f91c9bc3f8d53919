import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { ask } from '../../support/http-client.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';
import { writeTroublesomeModel } from '../../support/troublesome-model.ts';
import { checkOutcome } from './check-outcome.ts';
import { TELLS_MEMORY, memoryEnvironment, sampleMemory, slopeOf } from './memory.ts';
import type { MemorySample } from './memory.ts';
import { planRequest } from './request-plan.ts';
import type { Rates } from './request-plan.ts';
import { send } from './send.ts';

/** `SOAK_REQUESTS=100000 npm test -- test/faults/soak` is the long look, with memory. */
const REQUESTS = Number(process.env['SOAK_REQUESTS'] ?? 1500);
const SEED = Number(process.env['SOAK_SEED'] ?? 1936);
/** Memory says something only after so many. */
const LONG = 100_000;
/** MB per 10,000 requests that memory may grow by, over the second half. */
const MAX_SLOPE_MB = 1;
const CLIENTS = 24;
const SAMPLES = 50;
const TAKES_SAMPLES = REQUESTS >= LONG && TELLS_MEMORY;
/** On a busy machine, the slowest of these need some milliseconds per request. */
const TIMEOUT_MS = 60_000 + 30 * REQUESTS;

let folder: string;
let memoryFile: string;
let server: RunningFunction;
const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilotlight-soak-'));
});

afterAll(async () => {
  agent.destroy();
  await rm(folder, { recursive: true });
});

/** Sends all requests, a few at a time and each client's one after the other, and counts what came back. */
async function soak(rates: Rates): Promise<{
  readonly counts: Readonly<Record<string, number>>;
  readonly samples: readonly MemorySample[];
}> {
  const url = new URL('/v2/models/iris/infer', server.url);
  const random = seededRandom(SEED);
  const counts: Record<string, number> = {};
  const samples: MemorySample[] = [];
  let number = 0;
  let sampling = Promise.resolve();
  const client = async (): Promise<void> => {
    while (number < REQUESTS) {
      number += 1;
      const planned = planRequest(random, number, rates);
      if (TAKES_SAMPLES && number % (REQUESTS / SAMPLES) === 0) {
        const [sent, before] = [number, sampling];
        sampling = before.then(async () => {
          samples.push(await sampleMemory(server.pid, memoryFile, sent));
        });
        await sampling;
      }
      const what = checkOutcome(planned, await send(url, agent, planned));
      counts[what] = (counts[what] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { counts, samples };
}

describe.each([
  ['in processes that crash', 'worker', { crash: REQUESTS < LONG ? 1 / 400 : 1 / 2000 }],
  ['in processes', 'worker', { crash: 0 }],
  ['inline', 'inline', { crash: 0 }],
] as const)('a model that computes %s', (where, execution, rates) => {
  beforeAll(async () => {
    memoryFile = join(folder, `${where}.txt`);
    server = await startFunction({
      via: 'bundle',
      env: {
        MODEL_URI: await writeTroublesomeModel(join(folder, where), { execution }),
        MODEL_WORKERS: '2',
        MAX_QUEUE_ROWS: '400',
        ...(TAKES_SAMPLES ? memoryEnvironment(memoryFile) : {}),
      },
    });
  });

  afterAll(() => server.stop());

  it(
    `answers ${REQUESTS} requests with their own numbers or a fair error, whatever happens beside them`,
    { timeout: TIMEOUT_MS },
    async () => {
      const { counts, samples } = await soak(rates);

      // Nothing waits, nothing runs, and whatever was lost is there again.
      await vi.waitUntil(
        async () => {
          const { text } = await ask(`${server.url}/metrics`);
          const sessions = execution === 'worker' ? 2 : 1;
          return [
            'inference_queue_depth{model="iris"} 0',
            'inference_runs_in_progress{model="iris"} 0',
            `inference_sessions{model="iris"} ${sessions}`,
          ].every((line) => text.includes(`${line}\n`));
        },
        { timeout: 30_000 },
      );
      expect((await ask(`${server.url}/ready`)).status).toBe(200);
      const certain = ['answered', 'gone', 'INVALID_REQUEST'];
      if (rates.crash > 0) certain.push('INFERENCE_FAILED');
      expect(Object.keys(counts)).toEqual(expect.arrayContaining(certain));
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(REQUESTS);
      expect(counts['answered']).toBeGreaterThan(REQUESTS / 2);
      // Neither a fault of ours nor a rejection that nobody handled: the latter would have ended it.
      expect(server.isRunning()).toBe(true);
      expect(server.stderr()).toBe('');
      const errors = server.logs.filter(({ level }) => level === 'error');
      // Of clients that had left by then, too.
      expect(errors.length).toBeGreaterThanOrEqual(counts['INFERENCE_FAILED'] ?? 0);
      expect(errors.every(({ code }) => code === 'INFERENCE_FAILED')).toBe(true);
      if (rates.crash === 0) expect(errors).toEqual([]);

      if (TAKES_SAMPLES) expectSteadyMemory(where, counts, samples);
    },
  );
});

function expectSteadyMemory(
  where: string,
  counts: Readonly<Record<string, number>>,
  samples: readonly MemorySample[],
): void {
  const half = samples.filter(({ requests }) => requests > REQUESTS / 2);
  const slope = (of: (sample: MemorySample) => number): number =>
    10_000 * slopeOf(half.map((sample) => [sample.requests, of(sample)]));
  const found = {
    where,
    seed: SEED,
    counts,
    first: samples[0],
    middle: half[0],
    last: half.at(-1),
    function_mb_per_10_000: slope((sample) => sample.function_mb),
    workers_mb_per_10_000: slope((sample) => sample.workers_mb),
  };
  console.log(JSON.stringify(found, undefined, 2));
  expect(found.function_mb_per_10_000).toBeLessThanOrEqual(MAX_SLOPE_MB);
  // Of processes that come and go it says nothing.
  if (counts['INFERENCE_FAILED'] === undefined) {
    expect(found.workers_mb_per_10_000).toBeLessThanOrEqual(MAX_SLOPE_MB);
  }
}
