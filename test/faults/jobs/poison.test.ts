import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { JobStatus } from '../../../events/jobs/job-status.ts';
import type { PartLine } from '../../../events/jobs/part-line.ts';
import type { Upload } from '../../../events/uploads/upload.ts';
import { startFaultPlace } from '../../support/jobs/fault-place.ts';
import type { FaultPlace } from '../../support/jobs/fault-place.ts';
import {
  outcomeOf,
  predictedLines,
  putUpload,
  tellUpload,
} from '../../support/jobs/fault-upload.ts';
import { POISON, writePoisonIris } from '../../support/jobs/poison-iris.ts';
import type { Flower } from '../../support/jobs/poison-iris.ts';
import { outputOf } from '../../support/jobs/test-job.ts';

const MINUTES = 60_000;
const FLOWER: Flower = { ...POISON, petal_width: 0.2 };

/** Leases run out in real time where a function's own process ends: only `npm run test:faults` takes it. */
const isLong = process.env['FAULT_PROCESSES'] === '1';
/** Two chunks there, and the first record of one; one chunk otherwise. */
const RECORDS = isLong ? 600 : 60;
const IN_JOB: readonly number[] = isLong ? [0, 500] : [0, 33];
/** An upload is one chunk: each poison takes as long again. */
const IN_UPLOAD: readonly number[] = [7];
const INPUT = 'in/poisoned.jsonl';

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
      'gets its error line, and all others their predictions, in a job and in an upload',
      { timeout: 10 * MINUTES },
      async () => {
        await place.store.put(INPUT, linesWith(IN_JOB));
        const id = await submit(place);
        const upload = await putUpload(place, 'in/iris/poisoned.jsonl', linesWith(IN_UPLOAD));
        await tellUpload(place, upload);

        await untilOver(place, id, upload);

        const { result, lines } = await outputOf(place.store, id);
        expect(result).toMatchObject({
          state: 'completed_with_errors',
          ok: RECORDS - IN_JOB.length,
          err: IN_JOB.length,
        });
        expectWhole(lines, IN_JOB);
        const outcome = await outcomeOf(place, upload);
        expectWhole(outcome && predictedLines(outcome), IN_UPLOAD);
        for (const key of [...result.parts.map((part) => part.key), outcome?.output ?? '']) {
          expect([key, await place.versionsOf(key)]).toEqual([key, 1]);
        }
      },
    );
  });
});

function linesWith(poisoned: readonly number[]): string {
  return Array.from({ length: RECORDS }, (_, n) =>
    JSON.stringify({ custom_id: `r${n}`, ...(poisoned.includes(n) ? POISON : FLOWER) }),
  ).join('\n');
}

function expectWhole(lines: readonly PartLine[] | undefined, poisoned: readonly number[]): void {
  expect(lines?.map(({ id }) => id)).toEqual(Array.from({ length: RECORDS }, (_, n) => `r${n}`));
  const failed = lines?.flatMap(({ error }, n) => (error === undefined ? [] : [[n, error.code]]));
  expect(failed).toEqual(poisoned.map((n) => [n, 'CRASHED_WORKER']));
}

async function submit({ router }: FaultPlace): Promise<string> {
  const answer = await fetch(`${router}/batch/v1/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      jobId: 'job-with-poison',
      model: { name: 'iris' },
      inputs: { format: 'jsonl', keys: [INPUT] },
      split: { chunkBytes: 65_536 },
      limits: { leaseSeconds: 15, maxConcurrency: 2 },
    }),
  });
  const { id } = (await answer.json()) as JobStatus;
  return id;
}

/** Ticks as a PingSource does, only more often: that finds what a dead process held once its lease has run out. */
async function untilOver(place: FaultPlace, id: string, upload: Upload): Promise<void> {
  const signal = AbortSignal.timeout(8 * MINUTES);
  for (;;) {
    const answer = await fetch(`${place.router}/batch/v1/batches/${id}?wait=5`);
    const { finishedAt } = (await answer.json()) as JobStatus;
    if (finishedAt !== undefined && (await outcomeOf(place, upload)) !== undefined) return;
    if (signal.aborted) throw new Error(`They do not end:\n${place.output()}`);
    // It is answered when no job is left, and several at once do no harm.
    const ticking = place.tick(signal).catch(() => {});
    if (finishedAt !== undefined) await ticking;
  }
}
