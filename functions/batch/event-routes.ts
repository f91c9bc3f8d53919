import { hostname } from 'node:os';

import type * as z from 'zod';

import { startJob } from '../../events/jobs/start-job.ts';
import { sweepJob } from '../../events/jobs/sweep-job.ts';
import { finishUploadJob } from '../../events/uploads/finish-upload-job.ts';
import { receive } from '../../events/receive.ts';
import { EVENT_TYPES } from '../../events/types.ts';
import type { ReceivedEvent } from '../../events/wire/received-event.ts';
import { jobCompletedData, jobSubmittedData } from '../../events/schemas/jobs.ts';
import { validate } from '../inputs/validate.ts';
import { ForbiddenError, InvalidRequestError } from '../runtime/errors.ts';
import type { RequestContext } from '../serving/http/request-context.ts';
import type { Reply, Route } from '../serving/http/route.ts';
import type { SubmitContext } from './submit-job.ts';
import { describeEvents } from './describe-jobs.ts';
import { reconcileUploads } from './reconcile-uploads.ts';
import { tick } from './tick.ts';

/** What a PingSource sends. */
const PING = 'dev.knative.sources.ping';

const ACCEPTED: Reply = { status: 202, body: '' };

/** Where the events of jobs arrive, and the ticks that look after them. */
export function eventRoutes(context: SubmitContext, stopping: AbortSignal): Route[] {
  return [
    {
      method: 'POST',
      path: '/',
      describe: () => describeEvents('An event of jobs or uploads, or a tick'),
      async handle(request, _, body) {
        const { headers } = request;
        const { events } = receive({ headers, body }, { batched: false });
        for (const event of events) await take(context, event, { request, stopping });
        return ACCEPTED;
      },
    },
  ];
}

interface Occasion {
  readonly request: RequestContext;
  readonly stopping: AbortSignal;
}

async function take(
  context: SubmitContext,
  { event }: ReceivedEvent,
  { request, stopping }: Occasion,
): Promise<void> {
  switch (event.type) {
    case PING:
    case EVENT_TYPES.tick:
      // Nobody keeps this process alive once the request is over.
      await onTick(context, AbortSignal.any([request.signal, stopping]));
      return;
    case EVENT_TYPES.jobSubmitted:
      await startJob(context, jobOf(context, event.data), {
        owner: `${hostname()}/${process.pid}`,
        signal: stopping,
      });
      return;
    case EVENT_TYPES.jobCancelRequested:
      await sweepJob(context, jobOf(context, event.data));
      return;
    case EVENT_TYPES.jobCompleted:
      await finishUploadJob(context, jobOf(context, event.data, jobCompletedData));
      return;
    default:
      throw new InvalidRequestError(
        `Events of the type ${JSON.stringify(event.type)} are not taken here`,
      );
  }
}

async function onTick(context: SubmitContext, signal: AbortSignal): Promise<void> {
  try {
    await reconcileUploads(context, signal);
  } catch (cause) {
    // Jobs are looked after all the same.
    context.warn('Uploads could not be looked after', cause);
  }
  await tick(context, signal);
}

function jobOf(
  { tenant: own }: SubmitContext,
  data: unknown,
  schema: z.ZodType<{ jobId: string; tenant: string }> = jobSubmittedData,
): string {
  const { jobId, tenant } = validate(schema, data, 'The data of the event');
  if (tenant !== own) throw new ForbiddenError(`This is the tenant ${own}`);
  return jobId;
}
