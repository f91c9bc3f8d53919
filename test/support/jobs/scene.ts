import { expect } from 'vitest';

import { createJob } from '../../../events/jobs/create-job.ts';
import type { JobSpec } from '../../../events/jobs/job-spec.ts';
import { jobLayout } from '../../../events/jobs/layout.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import type { TestRecord } from './fake-scoring.ts';
import { faultStore } from './fault-store.ts';
import { jobWorld } from './job-world.ts';
import type { JobWorld, Role, WorldOptions } from './job-world.ts';
import type { Fate, Step } from './mortal-process.ts';
import { jsonLines, outputOf, testSpec } from './test-job.ts';
import { virtualClock } from './virtual-clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** When every scene begins. */
export const START_MS = Date.UTC(2026, 0, 1);

/** What the job of a scene reads: 150 records of some 2 kB. */
export const RECORDS: readonly TestRecord[] = Array.from({ length: 150 }, (_, n) => ({
  n,
  custom_id: `r${n}`,
  padding: 'x'.repeat(2000),
}));

/** The job of a scene: five chunks in two lanes. */
export const SPEC = testSpec({
  split: { chunkBytes: 65_536, miniBatch: 8 },
  limits: { leaseSeconds: 30, maxConcurrency: 2 },
});

/** Where the objects of {@link SPEC} lie. */
export const LAYOUT = jobLayout(SPEC.jobId);

/** A store with an input, and everybody who works on jobs. */
export interface Scene {
  readonly clock: VirtualClock;
  readonly store: ObjectStore;
  readonly world: JobWorld;
  /** Submits the job, without waiting for anything. */
  submit(spec?: JobSpec): Promise<void>;
}

/** A scene in which nothing has happened yet. */
export async function scene(
  options: Partial<WorldOptions> = {},
  records: readonly TestRecord[] = RECORDS,
): Promise<Scene> {
  const clock = virtualClock(START_MS);
  const store = await faultStore(clock.now);
  await store.put('in/a.jsonl', jsonLines(records));
  const world = jobWorld({ store, clock, ...options });
  return {
    clock,
    store,
    world,
    submit: async (spec = SPEC) => {
      await createJob(world.context('client'), () => spec);
    },
  };
}

/** The fate of the first process of a kind that comes to a step; everybody else goes on. */
export function once(
  name: Role['name'],
  fate: Fate,
  isThere: (step: Step) => boolean,
): NonNullable<WorldOptions['fateOf']> {
  let isUsed = false;
  return (role, step) => {
    if (isUsed || role.name !== name || !isThere(step)) return 'go on';
    isUsed = true;
    return fate;
  };
}

/** Holds the output to be whole: all records, in order, each once, in parts written once; one result, told. */
export async function expectWhole({ store, world }: Scene, spec: JobSpec = SPEC): Promise<void> {
  expect(await world.run(spec.jobId)).toBe(true);
  const { result, lines } = await outputOf(store, spec.jobId);
  expect(lines.map(({ id }) => id)).toEqual(RECORDS.map(({ custom_id }) => custom_id));
  expect(lines.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(result).toMatchObject({ state: 'completed', ok: RECORDS.length, err: 0 });
  for (const { key } of result.parts) expect(world.writes.get(key)).toBe(1);
  expect(await store.head(LAYOUT.success)).toBeDefined();
}

/** Whether a step writes a part. */
export function isPart({ on, verb }: Step): boolean {
  return verb === 'put' && on.startsWith(LAYOUT.partPrefix);
}

/** Whether a step writes a claim. */
export function isClaim({ on, verb }: Step): boolean {
  return verb === 'put' && on.startsWith(LAYOUT.claimPrefix);
}

/** Whether a step counts a part. */
export function isTally({ on, verb }: Step): boolean {
  return verb === 'put' && on.startsWith(LAYOUT.tallyPrefix);
}

/** Whether a step writes the result. */
export function isResult({ on, verb }: Step): boolean {
  return verb === 'put' && on === LAYOUT.result;
}

/** Whether a step has had its effect. */
export function after({ when }: Step): boolean {
  return when === 'after';
}
