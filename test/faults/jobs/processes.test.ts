import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { jobLayout } from '../../../events/jobs/layout.ts';
import { startFaultPlace } from '../../support/jobs/fault-place.ts';
import type { FaultPlace } from '../../support/jobs/fault-place.ts';
import type { StoreFate, StoreStep } from '../../support/jobs/store-proxy.ts';
import { outputOf } from '../../support/jobs/test-job.ts';

const FLOWER = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const RECORDS = 1500;
const MINUTES = 60_000;

/** A step of a job at which all processes of a Service are killed with SIGKILL, or an answer gets lost. */
interface Point {
  readonly name: string;
  readonly dies: 'iris-batch' | 'batch' | undefined;
  readonly isThere: (step: StoreStep, jobId: string) => boolean;
}

const put = (
  name: string,
  dies: Point['dies'],
  when: StoreStep['when'],
  keyOf: (layout: ReturnType<typeof jobLayout>) => string,
): Point => ({
  name,
  dies,
  isThere: (step, jobId) =>
    step.method === 'PUT' && step.when === when && step.key.startsWith(keyOf(jobLayout(jobId))),
});

const POINTS: readonly Point[] = [
  put('planner before it commits the plan', 'batch', 'before', ({ plan }) => plan),
  put('planner after it committed the plan', 'batch', 'after', ({ plan }) => plan),
  put('worker before it claims', 'iris-batch', 'before', (layout) => layout.claim(0)),
  put('worker after it claimed', 'iris-batch', 'after', (layout) => layout.claim(0)),
  {
    name: 'worker while it reads',
    dies: 'iris-batch',
    isThere: ({ method, key, when }, jobId) =>
      method === 'GET' && when === 'after' && key === inputOf(jobId),
  },
  put('worker before it commits', 'iris-batch', 'before', (layout) => layout.part(0)),
  put('worker after it committed', 'iris-batch', 'after', (layout) => layout.part(0)),
  put('worker after it counted', 'iris-batch', 'after', ({ tallyPrefix }) => tallyPrefix),
  put('worker before the result', 'iris-batch', 'before', ({ result }) => result),
  put('worker after the result', 'iris-batch', 'after', ({ result }) => result),
  put('answer to a claim lost', undefined, 'after', (layout) => layout.claim(1)),
  put('answer to a part lost', undefined, 'after', (layout) => layout.part(1)),
  put('answer to the result lost', undefined, 'after', ({ result }) => result),
];

const jobIdOf = (point: Point): string => `job-${point.name.replaceAll(' ', '-')}`;
const inputOf = (jobId: string): string => `in/${jobId}.jsonl`;

/** Leases run out in real time here: two minutes, which only `npm run test:faults` takes. */
const isWanted = process.env['FAULT_PROCESSES'] === '1';

describe.runIf(isWanted)('real processes', () => {
  let place: FaultPlace;
  const fired = new Set<Point>();

  async function decide(step: StoreStep): Promise<StoreFate> {
    const point = POINTS.find((one) => !fired.has(one) && one.isThere(step, jobIdOf(one)));
    if (point === undefined) return 'go on';
    fired.add(point);
    if (point.dies !== undefined) await place.kill(point.dies);
    return 'cut';
  }

  beforeAll(async () => {
    place = await startFaultPlace({ decide });
  }, 2 * MINUTES);

  afterAll(async () => {
    await place?.[Symbol.asyncDispose]();
  });

  it(
    'every job is whole, whoever dies when',
    async () => {
      for (const point of POINTS) {
        const jobId = jobIdOf(point);
        await place.store.put(inputOf(jobId), recordsOf(point));
        // The planner of another job may just be dying.
        await expect.poll(() => submit(jobId), { timeout: MINUTES }).toBe(true);
      }
      // What a PingSource sends every five minutes; it is answered when no job is left, or after four.
      const signal = AbortSignal.timeout(4 * MINUTES);
      while ((await unannounced()).length > 0) {
        signal.throwIfAborted();
        await place.tick(signal).catch(() => {});
      }

      expect([...fired].map(({ name }) => name).toSorted((a, b) => a.localeCompare(b))).toEqual(
        POINTS.map(({ name }) => name).toSorted((a, b) => a.localeCompare(b)),
      );
      for (const point of POINTS) await expectWhole(point);
    },
    5 * MINUTES,
  );

  async function submit(jobId: string): Promise<boolean> {
    const { ok } = await fetch(`${place.router}/batch/v1/batches`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jobId,
        model: { name: 'iris' },
        inputs: { format: 'jsonl', keys: [inputOf(jobId)] },
        split: { chunkBytes: 65_536 },
        limits: { leaseSeconds: 15, maxConcurrency: 1 },
      }),
    });
    return ok;
  }

  /** Jobs that are not over, or not told of. */
  async function unannounced(): Promise<string[]> {
    const keys = await Array.fromAsync(place.store.list({ prefix: 'jobs/_active/' }));
    return keys.map(({ key }) => key);
  }

  async function expectWhole(point: Point): Promise<void> {
    const jobId = jobIdOf(point);
    const { result, lines } = await outputOf(place.store, jobId);
    expect([point.name, lines.filter(({ error }) => error !== undefined)]).toEqual([
      point.name,
      [],
    ]);
    expect([point.name, result.state, result.ok, result.err]).toEqual([
      point.name,
      'completed',
      RECORDS,
      0,
    ]);
    expect(lines.map(({ id }) => id)).toEqual(
      Array.from({ length: RECORDS }, (_value, n) => `${point.name} ${n}`),
    );
    const { status } = await fetch(`${place.router}/batch/v1/batches/${jobId}`);
    expect(status).toBe(200);
    const layout = jobLayout(jobId);
    for (const key of [
      layout.spec,
      layout.plan,
      layout.result,
      ...result.parts.map((p) => p.key),
    ]) {
      expect([key, await place.versionsOf(key)]).toEqual([key, 1]);
    }
  }
});

function recordsOf(point: Point): string {
  return Array.from({ length: RECORDS }, (_, n) =>
    JSON.stringify({ custom_id: `${point.name} ${n}`, ...FLOWER }),
  ).join('\n');
}
