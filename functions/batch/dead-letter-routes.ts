import * as z from 'zod';

import {
  deleteDeadLetter,
  listDeadLetters,
  readDeadLetter,
  storeDeadLetter,
} from '../../events/dead-letters/dead-letters.ts';
import type { DeadLetter, StoredDeadLetter } from '../../events/dead-letters/dead-letters.ts';
import { structuredText } from '../../events/message.ts';
import type { EventParts } from '../../events/message.ts';
import { receive } from '../../events/receive.ts';
import { validate } from '../inputs/validate.ts';
import { NotFoundError } from '../runtime/errors.ts';
import type { RequestContext } from '../serving/http/request-context.ts';
import { jsonReply } from '../serving/http/respond.ts';
import type { Reply, Route } from '../serving/http/route.ts';
import type { deadLetterSummary } from './describe-jobs.ts';
import { describeDeadLetters, describeEvents, describeReplay } from './describe-jobs.ts';
import type { SubmitContext } from './submit-job.ts';

const PATH = '/v1/dead-letters';
const MAX_PAGE = 1000;

const name = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');
const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(100),
  after: name.optional(),
});

/**
 * Where brokers send what nobody took. It is kept, and nothing else happens: that a chunk's event was not
 * delivered is not the chunk's failure.
 */
export function deadLetterRoutes(context: SubmitContext): Route[] {
  return [
    {
      method: 'POST',
      path: '/dead-letters',
      describe: () => describeEvents('An event that a broker could not deliver: it is kept'),
      handle: ({ headers }, _, body) => keep(context, { headers, body }),
    },
    {
      method: 'GET',
      path: PATH,
      describe: () => describeDeadLetters(listQuery),
      handle: (request) => list(context, request),
    },
    {
      method: 'POST',
      path: `${PATH}/{name}/replay`,
      describe: describeReplay,
      handle: (_, parameters) => replay(context, parameters['name'] ?? ''),
    },
  ];
}

/** Accepted only once it is stored: the broker has no other place for it. */
async function keep(
  context: SubmitContext,
  message: Parameters<typeof receive>[0],
): Promise<Reply> {
  const { events } = receive(message, { batched: false });
  for (const { event } of events) {
    await storeDeadLetter(context.store, {
      event: JSON.parse(structuredText(event)) as DeadLetter['event'],
      storedAt: new Date(context.now()).toISOString(),
    });
  }
  return { status: 202, body: '' };
}

async function list({ store }: SubmitContext, { query }: RequestContext): Promise<Reply> {
  const options = validate(listQuery, Object.fromEntries(query), 'The query');
  const letters = await Array.fromAsync(listDeadLetters(store, options));
  const next = letters.length === options.limit ? letters.at(-1)?.name : undefined;
  const data = letters.map(summaryOf);
  return jsonReply(200, { data, ...(next === undefined ? {} : { next }) });
}

/** Puts an event into the broker again; once that has it, it is no dead letter any more. */
async function replay(context: SubmitContext, asked: string): Promise<Reply> {
  const letter = name.safeParse(asked).success
    ? await readDeadLetter(context.store, asked)
    : undefined;
  if (letter === undefined) throw new NotFoundError('There is no such dead letter');
  await context.publish(partsOf(letter.event));
  await deleteDeadLetter(context.store, letter.name);
  return jsonReply(202, summaryOf(letter));
}

function summaryOf({
  name: id,
  event,
  storedAt,
}: StoredDeadLetter): z.infer<typeof deadLetterSummary> {
  const { knativeerrordest: receiver, knativeerrorcode: status } = event;
  return {
    name: id,
    source: event.source,
    id: event.id,
    type: event.type,
    storedAt,
    ...(typeof receiver === 'string' ? { receiver } : {}),
    ...(status === undefined ? {} : { status: Number(status) }),
  };
}

/** The event as it was published: without what the broker says of its failure, and the broker's own marks. */
function partsOf(event: DeadLetter['event']): EventParts {
  const { data_base64: base64, ...rest } = event;
  const own = Object.entries(rest).filter(([key]) => !key.startsWith('knative'));
  const bytes = typeof base64 === 'string' ? { data: Buffer.from(base64, 'base64') } : {};
  return { ...(Object.fromEntries(own) as unknown as EventParts), ...bytes };
}
