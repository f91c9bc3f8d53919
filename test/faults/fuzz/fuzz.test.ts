import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CATALOGUE } from '../../../functions/catalogue.ts';
import { ask, json, post } from '../../support/http-client.ts';
import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';
import { TELLS_MEMORY, memoryEnvironment, sampleMemory, slopeOf } from '../soak/memory.ts';
import type { MemorySample } from '../soak/memory.ts';
import { exchange } from './exchange.ts';
import { expectFair } from './expect-fair.ts';
import { planCase } from './plan-case.ts';
import { targetsOf } from './targets.ts';

/** Functions with a sample and routes of their own; an imported model has what iris has, without them. */
const FUNCTIONS = Object.keys(CATALOGUE).filter((name) => name !== 'model');
/** Of all functions together: `FUZZ_CASES=20000 npm test -- test/faults/fuzz` is the long look, with memory. */
const CASES = Math.ceil(Number(process.env['FUZZ_CASES'] ?? 240) / FUNCTIONS.length);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1936);
/** One case again, as a failure names it: with `-t <function>`. */
const ONLY = process.env['FUZZ_CASE'];
/** Half a request is waited for so long; every case is over soon after. */
const REQUEST_TIMEOUT_MS = 3000;
const HANG_MS = 60_000;
/** Below that memory says nothing yet. */
const LONG = 2000;
/** At once: each burst lasts as long as half a request in it. */
const BURST = CASES >= LONG ? 100 : 20;
const TAKES_SAMPLES = CASES >= LONG && TELLS_MEMORY;
const SAMPLES = 40;
/** In the second half of the cases. */
const MAX_GROWTH_MB = 4;

interface Fault {
  readonly case: number;
  readonly story: string;
  readonly why: string;
}

describe.each(FUNCTIONS)('%s', (name) => {
  let folder: string;
  let server: RunningFunction;
  let right: unknown;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilotlight-fuzz-'));
    server = await startFunction({
      env: {
        FUNCTION_TARGET: name,
        MODEL_URI: `file:models/${name}`,
        REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
        ...(TAKES_SAMPLES ? memoryEnvironment(join(folder, 'memory')) : {}),
      },
    });
    right = await predictSample();
  });

  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  /** The prediction of the sample, without what differs from one request to the next. */
  async function predictSample(): Promise<unknown> {
    const answer = await post(
      `${server.url}/predict`,
      await readFile(`functions/${name}/sample.json`),
    );
    const body: object = json(answer);
    return { status: answer.status, ...body, request_id: '', processing_time_ms: 0 };
  }

  it(`takes ${CASES} spoilt requests and goes on`, { timeout: 120_000 + CASES * 100 }, async () => {
    const targets = await targetsOf(name);
    const numbers =
      ONLY === undefined ? Array.from({ length: CASES }, (_, number) => number) : [Number(ONLY)];
    const words: Record<string, number> = {};
    const faults: Fault[] = [];
    const samples: MemorySample[] = [];
    const run = async (number: number): Promise<void> => {
      const planned = planCase(targets, SEED, number);
      try {
        const answers = await exchange(server.port, planned, HANG_MS);
        for (const word of expectFair(planned, answers)) words[word] = (words[word] ?? 0) + 1;
      } catch (cause) {
        faults.push({ case: number, story: planned.story, why: (cause as Error).message });
      }
    };
    for (let start = 0; start < numbers.length; start += BURST) {
      await Promise.all(numbers.slice(start, start + BURST).map(run));
      expect(await predictSample(), `after case ${start + BURST}`).toEqual(right);
      if (TAKES_SAMPLES && start % (Math.ceil(CASES / SAMPLES / BURST) * BURST) === 0) {
        samples.push(await sampleMemory(server.pid, join(folder, 'memory'), start));
      }
    }

    if (ONLY !== undefined || CASES >= LONG)
      console.log(JSON.stringify({ name, seed: SEED, words }));
    expect(faults.slice(0, 10), `${faults.length} faults; seed ${SEED}`).toEqual([]);
    expect(server.isRunning()).toBe(true);
    expect((await ask(`${server.url}/ready`)).status).toBe(200);
    expect(server.logs.filter(({ level }) => level === 'error')).toEqual([]);
    // Cases that all fail alike would look at one line of the code only.
    if (ONLY === undefined) expect(Object.keys(words).length).toBeGreaterThan(3);
    if (TAKES_SAMPLES) expectSteadyMemory(name, samples);
  });
});

function expectSteadyMemory(name: string, samples: readonly MemorySample[]): void {
  const half = samples.slice(samples.length >> 1);
  const [first, last] = [half[0], half.at(-1)];
  const slope = 10_000 * slopeOf(half.map((sample) => [sample.requests, sample.function_mb]));
  console.log(JSON.stringify({ name, middle: first, last, mb_per_10_000: slope }));
  // A slope of a few thousand requests says how a young heap settles.
  expect((last?.function_mb ?? 0) - (first?.function_mb ?? 0)).toBeLessThanOrEqual(MAX_GROWTH_MB);
}
