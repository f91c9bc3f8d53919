import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { JobStatus } from '../../../events/jobs/job-status.ts';
import { startFaultPlace } from '../../support/jobs/fault-place.ts';
import type { FaultPlace } from '../../support/jobs/fault-place.ts';
import { outputOf } from '../../support/jobs/test-job.ts';

const FLOWER = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
/** A reply to a reply to … an event ends after 255 brokers. */
const STEPS = 300;

/** Some seconds, which only `npm run test:faults` takes. */
const isWanted = process.env['FAULT_PROCESSES'] === '1';

describe.runIf(isWanted)('a job with more steps in a row than an event may have hops', () => {
  let place: FaultPlace;
  beforeAll(async () => {
    place = await startFaultPlace({ isVersioned: false });
  }, 120_000);
  afterAll(async () => {
    await place?.[Symbol.asyncDispose]();
  });

  it('is whole: each of its events is sent anew', { timeout: 300_000 }, async () => {
    for (let n = 0; n < STEPS; n += 1) {
      await place.store.put(`in/steps/${n}.json`, JSON.stringify(FLOWER));
    }
    const url = `${place.router}/batch/v1/batches`;
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jobId: 'job-of-steps',
        model: { name: 'iris' },
        inputs: { format: 'files', prefix: 'in/steps/' },
        split: { filesPerChunk: 1 },
        limits: { maxConcurrency: 1 },
      }),
    });

    const status = async (): Promise<JobStatus> =>
      (await (await fetch(`${url}/job-of-steps?wait=30`)).json()) as JobStatus;
    await expect.poll(async () => (await status()).state, { timeout: 240_000 }).toBe('completed');

    const { result, lines } = await outputOf(place.store, 'job-of-steps');
    expect([result.chunks, lines.length]).toEqual([STEPS, STEPS]);
  });
});
