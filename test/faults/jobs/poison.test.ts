import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { JobStatus } from '../../../events/jobs/job-status.ts';
import { startFaultPlace } from '../../support/jobs/fault-place.ts';
import type { FaultPlace } from '../../support/jobs/fault-place.ts';
import { POISON, writePoisonIris } from '../../support/jobs/poison-iris.ts';
import type { Flower } from '../../support/jobs/poison-iris.ts';
import { outputOf } from '../../support/jobs/test-job.ts';

const MINUTES = 60_000;
const FLOWER: Flower = { ...POISON, petal_width: 0.2 };

/** Leases run out in real time where a function's own process ends: only `npm run test:faults` takes it. */
const isLong = process.env['FAULT_PROCESSES'] === '1';
/** Two chunks there, and the first record of one; one chunk otherwise. */
const RECORDS = isLong ? 600 : 60;
const POISONED: readonly number[] = isLong ? [0, 500] : [0, 33];

describe.each([
  { place: 'a process of the model', isWanted: true, env: {} },
  { place: "the function's own process", isWanted: isLong, env: { TEST_INLINE: '1' } },
])('a record that ends $place', ({ isWanted, env }) => {
  describe.runIf(isWanted)('with SIGFPE', () => {
    let folder: string;
    let place: FaultPlace;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'pilotlight-poison-'));
      await writePoisonIris(folder);
      place = await startFaultPlace({ env: { ...env, TEST_MODELS: folder } });
    }, 2 * MINUTES);
    afterAll(async () => {
      await place?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });

    it(
      'gets its error line, and all others their predictions',
      { timeout: 10 * MINUTES },
      async () => {
        const lines = Array.from({ length: RECORDS }, (_, n) =>
          JSON.stringify({ custom_id: `r${n}`, ...(POISONED.includes(n) ? POISON : FLOWER) }),
        );
        await place.store.put('in/poisoned.jsonl', lines.join('\n'));

        const id = await submit(place);
        await untilOver(place, id);

        const { result, lines: found } = await outputOf(place.store, id);
        expect(result).toMatchObject({
          state: 'completed_with_errors',
          ok: RECORDS - POISONED.length,
          err: POISONED.length,
        });
        expect(found.map((line) => line.id)).toEqual(lines.map((_, n) => `r${n}`));
        expect(
          found.flatMap(({ error }, n) => (error === undefined ? [] : [[n, error.code]])),
        ).toEqual(POISONED.map((n) => [n, 'CRASHED_WORKER']));
        for (const { key } of result.parts)
          expect([key, await place.versionsOf(key)]).toEqual([key, 1]);
      },
    );
  });
});

async function submit({ router }: FaultPlace): Promise<string> {
  const answer = await fetch(`${router}/batch/v1/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      jobId: 'job-with-poison',
      model: { name: 'iris' },
      inputs: { format: 'jsonl', keys: ['in/poisoned.jsonl'] },
      split: { chunkBytes: 65_536 },
      limits: { leaseSeconds: 15, maxConcurrency: 2 },
    }),
  });
  const { id } = (await answer.json()) as JobStatus;
  return id;
}

/** Ticks as a PingSource does, only more often: a sweep finds chunks whose lease has run out. */
async function untilOver(place: FaultPlace, id: string): Promise<void> {
  const signal = AbortSignal.timeout(8 * MINUTES);
  for (;;) {
    const answer = await fetch(`${place.router}/batch/v1/batches/${id}?wait=20`);
    const { finishedAt } = (await answer.json()) as JobStatus;
    if (finishedAt !== undefined) return;
    if (signal.aborted) throw new Error(`The job does not end:\n${place.output()}`);
    void place.tick(signal).catch(() => {});
  }
}
