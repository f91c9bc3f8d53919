import { describe, expect, it } from 'vitest';

import { createJob } from '../../../events/jobs/create-job.ts';
import { jobLayout } from '../../../events/jobs/layout.ts';
import { jobWorld } from '../../support/jobs/job-world.ts';
import type { Fate } from '../../support/jobs/mortal-process.ts';
import type { TestRecord } from '../../support/jobs/fake-scoring.ts';
import { jsonLines, outputOf, testSpec } from '../../support/jobs/test-job.ts';
import { virtualClock } from '../../support/jobs/virtual-clock.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const START_MS = Date.UTC(2026, 0, 1);
const SEEDS = Number(process.env['JOB_SEEDS'] ?? '10');

describe('jobs under random faults', () => {
  it.each(Array.from({ length: SEEDS }, (_, seed) => seed))('seed %i', async (seed) => {
    const random = seededRandom(seed);
    const chance = (share: number): boolean => random() < share;
    const clock = virtualClock(START_MS);
    const inner = memoryStore(clock.now);
    const records: TestRecord[] = Array.from({ length: 480 }, (_, n) => ({
      n,
      custom_id: `record ${n}`,
      padding: 'x'.repeat(1000 + Math.floor(random() * 1000)),
      ...(chance(0.01) ? { fate: 'error' as const } : {}),
      ...(chance(0.002) ? { fate: 'kill' as const } : {}),
    }));
    await inner.put('in/a.jsonl', jsonLines(records.slice(0, 360)));
    await inner.put('in/b.jsonl', jsonLines(records.slice(360)));
    const outage = START_MS + Math.floor(random() * 60_000);
    const isOut = (): boolean => clock.now() >= outage && clock.now() < outage + 20_000;
    const world = jobWorld({
      store: inner,
      clock,
      latencyMs: () => 1 + Math.floor(random() * 30),
      fateOf: ({ name }): Fate => {
        if (name === 'client') return 'go on';
        if (isOut() || chance(0.01)) return 'fail';
        return chance(0.01) ? 'die' : 'go on';
      },
      deliver: () => {
        const ms = (): number => Math.floor(random() * 3000);
        if (chance(0.05)) return [];
        return chance(0.15) ? [ms(), ms()] : [ms()];
      },
      // Some take longer than their lease.
      pauseMs: () => (chance(0.03) ? 45_000 : 500 + Math.floor(random() * 4000)),
    });
    const spec = testSpec({
      split: { chunkBytes: 65_536, miniBatch: 16 },
      limits: { leaseSeconds: 30, maxAttempts: 4, maxConcurrency: 3 },
      policy: { onChunkFailure: 'skip' },
    });

    const client = world.context('client');
    await Promise.race([createJob(client, () => spec), clock.runUntil(() => false, 10_000)]);
    const isOver = await world.run(spec.jobId);

    expect(isOver).toBe(true);
    const { result, lines } = await outputOf(inner, spec.jobId);
    expect(lines).toHaveLength(records.length);
    expect(lines.findIndex(({ id }, index) => id !== records[index]?.custom_id)).toBe(-1);
    expect(result).toMatchObject({ ok: lines.filter(({ error }) => error === undefined).length });
    expect(result.ok + result.err).toBe(records.length);
    // A sound record is blamed only where two workers in a row happen to die at it, which is rare even here.
    const blamed = lines.filter(({ error }) => error?.code === 'CRASHED_WORKER');
    const sound = blamed.filter(({ id }) =>
      records.some((record) => record.custom_id === id && record.fate !== 'kill'),
    );
    expect(sound.length).toBeLessThanOrEqual(1);
    const layout = jobLayout(spec.jobId);
    for (const key of [layout.spec, layout.plan, layout.result]) {
      expect([key, world.writes.get(key)]).toEqual([key, 1]);
    }
    for (const { key } of result.parts) expect([key, world.writes.get(key)]).toEqual([key, 1]);
  });
});
