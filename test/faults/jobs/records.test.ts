import { describe, expect, it } from 'vitest';

import type { JobSpec } from '../../../events/jobs/job-spec.ts';
import type { TestRecord } from '../../support/jobs/fake-scoring.ts';
import type { Role } from '../../support/jobs/job-world.ts';
import type { Fate, Step } from '../../support/jobs/mortal-process.ts';
import { LAYOUT, RECORDS, scene, SPEC } from '../../support/jobs/scene.ts';
import type { Scene } from '../../support/jobs/scene.ts';
import { jsonLines, outputOf, testSpec } from '../../support/jobs/test-job.ts';

describe('records', () => {
  const withFate = (fates: Record<number, TestRecord['fate']>): TestRecord[] =>
    RECORDS.map((record) => ({ ...record, fate: fates[record.n] }) as TestRecord);

  it('that fail become error lines where they stand, and have a copy', async () => {
    const one = await scene({}, withFate({ 3: 'error', 70: 'error' }));
    await one.submit();

    expect(await one.world.run(SPEC.jobId)).toBe(true);
    const { result, lines } = await outputOf(one.store, SPEC.jobId);
    expect(result).toMatchObject({ state: 'completed_with_errors', ok: 148, err: 2 });
    expect(lines).toHaveLength(150);
    expect([lines[3], lines[70]]).toMatchObject([
      { id: 'r3', error: { code: 'INVALID_REQUEST' } },
      { id: 'r70', error: { code: 'INVALID_REQUEST' } },
    ]);
    const copy = await one.store.getBytes(LAYOUT.errors(0), { maxBytes: 10_000 });
    expect(copy.bytes.toString()).toContain('"r3"');
    expect(await one.store.head(LAYOUT.success)).toBeUndefined();
  });

  it('that end the process are found one by one, and the others are scored', async () => {
    const one = await scene({}, withFate({ 3: 'kill', 9: 'kill', 140: 'kill' }));
    await one.submit();

    expect(await one.world.run(SPEC.jobId)).toBe(true);
    const { result, lines } = await outputOf(one.store, SPEC.jobId);
    expect(result).toMatchObject({ state: 'completed_with_errors', ok: 147, err: 3 });
    const bad = lines.filter(({ error }) => error !== undefined);
    expect(bad.map(({ id, error }) => [id, error?.code])).toEqual([
      ['r3', 'CRASHED_WORKER'],
      ['r9', 'CRASHED_WORKER'],
      ['r140', 'CRASHED_WORKER'],
    ]);
  });

  it('that are too large become error lines', async () => {
    const records = RECORDS.map((record) =>
      record.n === 7 ? { ...record, padding: 'y'.repeat(200_000) } : record,
    );
    const spec = testSpec({ split: { chunkBytes: 65_536, maxRecordBytes: 10_000 } });
    const one = await scene({}, records);
    await one.submit(spec);

    expect(await one.world.run(spec.jobId)).toBe(true);
    const { lines } = await outputOf(one.store, spec.jobId);
    expect(lines).toHaveLength(150);
    expect(lines[7]).toMatchObject({ error: { code: 'RECORD_TOO_LARGE' } });
  });

  it('with too many errors fail the job, and what is done stays', async () => {
    const spec = testSpec({
      split: { chunkBytes: 65_536 },
      limits: { maxConcurrency: 1, errorThreshold: { records: 2 } },
    });
    const one = await scene(
      { pauseMs: () => 20_000 },
      withFate({ 1: 'error', 2: 'error', 3: 'error' }),
    );
    await one.submit(spec);

    expect(await one.world.run(spec.jobId)).toBe(true);
    const { result } = await outputOf(one.store, spec.jobId);
    expect(result).toMatchObject({ state: 'failed', reason: { code: 'TOO_MANY_ERRORS' } });
    expect(result.parts.length).toBeGreaterThan(0);
    expect(result.parts.length).toBeLessThan(5);
  });
});

describe('a chunk that always fails', () => {
  // Every worker dies while it reads.
  const fateOf = (role: Role, step: Step): Fate =>
    step.on === 'in/b.jsonl' && role.name === 'worker' ? 'die' : 'go on';
  const setUp = async (onChunkFailure: 'fail' | 'skip'): Promise<{ one: Scene; spec: JobSpec }> => {
    const one = await scene({ fateOf });
    await one.store.put('in/b.jsonl', jsonLines(RECORDS.slice(0, 40)));
    const split = { chunkBytes: 65_536 * 8 };
    const limits = { maxAttempts: 2, leaseSeconds: 15 };
    const inputs = { format: 'jsonl', keys: ['in/b.jsonl'] };
    return { one, spec: testSpec({ split, limits, inputs, policy: { onChunkFailure } }) };
  };

  it('fails the job', async () => {
    const { one, spec } = await setUp('fail');
    await one.submit(spec);

    expect(await one.world.run(spec.jobId)).toBe(true);
    const { result } = await outputOf(one.store, spec.jobId);
    expect(result).toMatchObject({ state: 'failed', reason: { code: 'CHUNK_FAILED' } });
  });

  it('becomes error lines, one for each record', async () => {
    const { one, spec } = await setUp('skip');
    await one.submit(spec);

    expect(await one.world.run(spec.jobId)).toBe(true);
    const { lines } = await outputOf(one.store, spec.jobId);
    expect(lines.map(({ id, error }) => [id, error?.code])).toEqual(
      RECORDS.slice(0, 40).map(({ custom_id }) => [custom_id, 'CHUNK_FAILED']),
    );
  });
});
