import { ConflictError } from '../../functions/runtime/errors.ts';
import { canonicalJson } from './canonical-json.ts';
import { createOnly } from './create-only.ts';
import { tryPublish } from './job-context.ts';
import type { JobContext } from './job-context.ts';
import { jobSubmitted } from './job-events.ts';
import type { JobSpec } from './job-spec.ts';
import { indexKey, jobLayout } from './layout.ts';
import { readSpec } from './read-job.ts';
import type { StoredSpec } from './read-job.ts';

/** What became of a submission. */
export interface CreatedJob extends StoredSpec {
  /** False when the job was there already, with the same content. */
  readonly isNew: boolean;
}

/**
 * Creates a job, once: whoever sends the same again gets the same job, and sets it going again where it
 * had come to a halt. `settle` gives the spec for a model version; an existing job is compared by the one
 * that it pins, so that a new version in between does not make a repetition another job.
 * @throws {ConflictError} When there is another job of this id.
 */
export async function createJob(
  context: JobContext,
  settle: (pinned?: JobSpec['model']) => JobSpec,
): Promise<CreatedJob> {
  const { store } = context;
  const spec = settle();
  const layout = jobLayout(spec.jobId);
  const existing = await readSpec(store, spec.jobId);
  if (existing === undefined) {
    // The marker comes first: a job without one would be nobody's.
    await store.put(layout.active, '');
    const createdAt = new Date(context.now());
    const written = await createOnly(store, layout.spec, canonicalJson(spec), {
      contentType: 'application/json',
      user: { 'created-at': createdAt.toISOString() },
    });
    if (written !== undefined) {
      await store.put(indexKey(spec.jobId, createdAt.getTime()), '');
      await tryPublish(context, jobSubmitted(spec));
      return { spec, createdAt, servedAt: written.servedAt, isNew: true };
    }
  }
  const stored = existing ?? (await readSpec(store, spec.jobId));
  if (stored === undefined) throw new Error(`${layout.spec} was there and is gone`);
  if (canonicalJson(settle(stored.spec.model)) !== canonicalJson(stored.spec)) {
    throw new ConflictError(`There is a job ${spec.jobId} already, and it is a different one`);
  }
  await setGoing(context, stored);
  return { ...stored, isNew: false };
}

async function setGoing(context: JobContext, { spec, createdAt }: StoredSpec): Promise<void> {
  const { store } = context;
  const layout = jobLayout(spec.jobId);
  if ((await store.head(layout.result)) !== undefined) return;
  await store.put(layout.active, '');
  await store.put(indexKey(spec.jobId, createdAt.getTime()), '');
  await tryPublish(context, jobSubmitted(spec));
}
