import { createHash } from 'node:crypto';

import { canonicalJson } from '../canonical-json.ts';
import { createOnly } from '../create-only.ts';
import { tryPublish } from '../job-context.ts';
import type { JobContext } from '../job-context.ts';
import { chunkRequested } from '../job-events.ts';
import type { JobSpec } from '../job-spec.ts';
import { jobLayout, MAX_CHUNKS } from '../layout.ts';
import { readPlan } from '../read-job.ts';
import { cutChunks } from './cut-chunks.ts';
import { digestOf, pinInputs } from './pin-inputs.ts';
import { PlanError } from './plan-error.ts';
import { CHUNKS_PER_PAGE } from './plan-schema.ts';
import type { JobPlan, PlannedChunk } from './plan-schema.ts';

/**
 * The plan of a job: made and committed now, or the one that was. Any number of planners may run: their
 * pages do not collide, and `plan.json` has one winner. Asks for the first chunk of each lane.
 * @throws {PlanError} When the job cannot be planned: it is to fail then.
 */
export async function planJob(
  context: JobContext,
  spec: JobSpec,
  signal?: AbortSignal,
): Promise<JobPlan> {
  const { store } = context;
  const { jobId } = spec;
  const committed = await readPlan(store, jobId, signal);
  if (committed !== undefined) return committed;
  const plan = await makePlan(context, spec, signal);
  const body = canonicalJson(plan);
  const written = await createOnly(store, jobLayout(jobId).plan, body, {
    contentType: 'application/json',
  });
  if (written === undefined) return (await readPlan(store, jobId, signal)) ?? plan;
  const lanes = Math.min(spec.limits.maxConcurrency, plan.chunks);
  for (let chunk = 0; chunk < lanes; chunk += 1) {
    // Where one was not taken the others would fare no better; the sweeper asks again.
    if (!(await tryPublish(context, chunkRequested(spec, plan, chunk, written.servedAt)))) break;
  }
  return plan;
}

async function makePlan(
  { store }: JobContext,
  spec: JobSpec,
  signal: AbortSignal | undefined,
): Promise<JobPlan> {
  const layout = jobLayout(spec.jobId);
  const objects = await pinInputs(store, spec, signal);
  const inputsDigest = digestOf(objects).slice(0, DIGEST_LENGTH);
  const digest = createHash('sha256');
  let [chunk, pages, page]: [number, number, PlannedChunk[]] = [0, 0, []];
  const writePage = async (): Promise<void> => {
    const body = canonicalJson({ chunks: page });
    digest.update(body);
    await store.put(layout.planPage(inputsDigest, pages), body, {
      contentType: 'application/json',
      ...(signal === undefined ? {} : { signal }),
    });
    [pages, page] = [pages + 1, []];
  };
  for await (const ranges of cutChunks(store, spec, objects, signal)) {
    if (chunk === MAX_CHUNKS) {
      const message = `More than ${MAX_CHUNKS} chunks: raise split.chunkBytes, or split the inputs`;
      throw new PlanError('TOO_LARGE', message);
    }
    page.push({ chunk, ranges });
    chunk += 1;
    if (page.length === CHUNKS_PER_PAGE) await writePage();
  }
  if (page.length > 0) await writePage();
  const bytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const planDigest = digest.digest('hex');
  return { chunks: chunk, pages, inputs: objects.length, bytes, inputsDigest, planDigest };
}

const DIGEST_LENGTH = 16;
