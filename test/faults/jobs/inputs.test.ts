import { describe, expect, it } from 'vitest';

import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { RECORDS, scene, SPEC } from '../../support/jobs/scene.ts';
import { jsonLines, outputOf, testSpec } from '../../support/jobs/test-job.ts';

describe('the input', () => {
  const change = {
    overwritten: (store: ObjectStore) => store.put('in/a.jsonl', jsonLines(RECORDS.slice(1))),
    deleted: (store: ObjectStore) => store.delete('in/a.jsonl'),
  } as const;

  it.each(['overwritten', 'deleted'] as const)('is %s: the job fails', async (how) => {
    const one = await scene();
    await one.submit();
    await one.clock.runUntil(() => one.world.outcomes.length >= 2, 60_000);
    await change[how](one.store);

    expect(await one.world.run(SPEC.jobId)).toBe(true);
    const { result } = await outputOf(one.store, SPEC.jobId);
    expect(result).toMatchObject({ state: 'failed', reason: { code: 'INPUT_CHANGED' } });
  });

  it('is overwritten: the chunks that are left say so', async () => {
    const spec = testSpec({
      split: { chunkBytes: 65_536, miniBatch: 8 },
      limits: { maxConcurrency: 2 },
      policy: { onInputChanged: 'error-chunk' },
    });
    const one = await scene();
    await one.submit(spec);
    await one.clock.runUntil(() => one.world.outcomes.length >= 2, 60_000);
    await change.overwritten(one.store);

    expect(await one.world.run(spec.jobId)).toBe(true);
    const { result, lines } = await outputOf(one.store, spec.jobId);
    expect(result.state).toBe('completed_with_errors');
    expect(lines.slice(-1)).toMatchObject([{ id: null, error: { code: 'INPUT_CHANGED' } }]);
  });

  it('is missing: the job fails when it is planned', async () => {
    const spec = testSpec({ inputs: { format: 'jsonl', prefix: 'nothing/' } });
    const one = await scene();
    await one.submit(spec);

    expect(await one.world.run(spec.jobId)).toBe(true);
    const { result } = await outputOf(one.store, spec.jobId);
    expect(result).toMatchObject({ state: 'failed', chunks: 0, reason: { code: 'NO_INPUTS' } });
  });

  it('is empty: the job is over at once', async () => {
    const one = await scene({}, []);
    await one.submit();

    expect(await one.world.run(SPEC.jobId)).toBe(true);
    const { result, lines } = await outputOf(one.store, SPEC.jobId);
    expect([result.state, result.chunks, lines]).toEqual(['completed', 0, []]);
  });
});
