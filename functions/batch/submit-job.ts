import { createJob } from '../../events/jobs/create-job.ts';
import type { CreatedJob } from '../../events/jobs/create-job.ts';
import type { JobContext } from '../../events/jobs/job-context.ts';
import { digestOf, pinInputs } from '../../events/jobs/plan/pin-inputs.ts';
import { PlanError } from '../../events/jobs/plan/plan-error.ts';
import { readSpec } from '../../events/jobs/read-job.ts';
import { jobSubmission, settleSpec } from '../../events/jobs/submission.ts';
import { validate } from '../inputs/validate.ts';
import { InvalidRequestError } from '../runtime/errors.ts';
import type { EventParts } from '../../events/message.ts';
import type { ObjectStore } from '../runtime/object-store/object-store.ts';
import { pinModel } from './pinned-model.ts';

/** What submitting takes. */
export interface SubmitContext extends JobContext {
  readonly tenant: string;
  /** Where models are published. */
  readonly models: ObjectStore;
  /** Takes any event, not only those of jobs. */
  readonly publish: (event: EventParts) => Promise<void>;
}

/**
 * Makes a job of a request's body. Its model and its inputs are looked up now, so that what cannot work is
 * refused before there is a job.
 * @throws {InvalidRequestError} When it is not a submission, or nothing matches its inputs.
 * @throws {ForbiddenError} When it names another tenant or bucket.
 * @throws {ModelNotFoundError} When there is no such model.
 * @throws {ConflictError} When there is another job of this id.
 */
export async function submitJob(context: SubmitContext, body: unknown): Promise<CreatedJob> {
  const { store, tenant, models } = context;
  const submission = validate(jobSubmission, body, 'The batch job');
  const known = { tenant, bucket: store.bucket };
  // Before anything is read: nobody may ask about another tenant's objects.
  const none = { version: '1', digest: `sha256:${'0'.repeat(64)}` };
  settleSpec(submission, { ...known, model: none, inputsDigest: '' });
  const { jobId } = submission;
  // Sent again, it is the same job whatever has become of its model and inputs.
  const isKnown = jobId !== undefined && (await readSpec(store, jobId)) !== undefined;
  const model = isKnown ? none : await pinModel(models, tenant, submission.model);
  const inputsDigest = isKnown ? '' : await digestOfInputs(context, submission);
  return await createJob(context, (pinned) =>
    settleSpec(submission, { ...known, model: pinned ?? model, inputsDigest }),
  );
}

async function digestOfInputs(
  { store }: JobContext,
  submission: Parameters<typeof settleSpec>[0],
): Promise<string> {
  const { inputs, policy } = submission;
  try {
    return digestOf(
      await pinInputs(store, { inputs: { ...inputs, bucket: store.bucket }, policy }),
    );
  } catch (cause) {
    if (!(cause instanceof PlanError)) throw cause;
    const details = [{ path: 'inputs', message: `${cause.code}: ${cause.message}` }];
    throw new InvalidRequestError(`The inputs cannot be read: ${cause.message}`, { details });
  }
}
