import { describe, expect, it } from 'vitest';

import type { JobEvent } from '../../../../events/jobs/job-events.ts';
import { createEvent, binaryMessage } from '../../../../events/message.ts';
import { receive } from '../../../../events/receive.ts';
import { UnauthorizedError, BrokerUnavailableError } from '../../../../functions/runtime/errors.ts';
import type { RequestContext } from '../../../../functions/serving/http/request-context.ts';
import type { Reply } from '../../../../functions/serving/http/route.ts';
import { uploadsRoutes } from '../../../../functions/uploads/routes.ts';

const TOKEN = 'a-token-of-the-test';

interface Told {
  readonly published: JobEvent[];
  readonly warned: unknown[];
  readonly tell: (body: unknown, authorization?: string) => Promise<Reply>;
}

function office(publish: (event: JobEvent) => Promise<void> = async () => {}): Told {
  const published: JobEvent[] = [];
  const warned: unknown[] = [];
  const [route] = uploadsRoutes({
    token: TOKEN,
    tenants: new Map([['data-acme', 'acme']]),
    async publish(event) {
      await publish(event);
      published.push(event);
    },
    warn: (_, fields) => void warned.push(fields),
  });
  return {
    published,
    warned,
    async tell(body, authorization = `Bearer ${TOKEN}`) {
      const headers = { authorization };
      const request = { headers } as unknown as RequestContext;
      return (await route?.handle(request, {}, Buffer.from(JSON.stringify(body)))) as Reply;
    },
  };
}

function record(key: string, object: object = {}): object {
  const s3 = { bucket: { name: 'data-acme' }, object: { key, size: 3, eTag: 'e1', ...object } };
  return { eventName: 's3:ObjectCreated:Put', s3 };
}

describe('POST /s3-events', () => {
  it('publishes an event for each upload, the same for the same', async () => {
    const { tell, published } = office();

    const first = await tell({ Records: [record('in%2Firis%2Fa+b.csv')] });
    await tell({ Records: [record('in%2Firis%2Fa+b.csv', { sequencer: '00000000000000AA' })] });
    await tell({ Records: [record('in%2Firis%2Fa+b.csv', { eTag: 'e2' })] });

    const [one, again, other] = published;
    expect(one).toMatchObject({
      type: 'dev.pilotlight.object.created.v1',
      source: '/uploads/acme',
      subject: 'in/iris/a b.csv',
      model: 'iris',
      partitionkey: 'data-acme/in/iris/a b.csv',
      data: { tenant: 'acme', bucket: 'data-acme', key: 'in/iris/a b.csv', size: 3, etag: 'e1' },
    });
    expect(one?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(again?.id).toBe(one?.id);
    expect(other?.id).not.toBe(one?.id);
    expect(first.status).toBe(200);
    expect(JSON.parse(String(first.body))).toEqual({ events: [one?.id], ignored: [] });
  });

  it.each(['in/iris/a\u0000\u0085b', 'in/iris/%2F"\\ü🌸\u{FFFF}.jsonl'])(
    'carries the key %j whole, in an event that brokers take',
    async (key) => {
      const { tell, published } = office();

      await tell({ Records: [record(encodeURIComponent(key))] });

      const message = binaryMessage(createEvent(published[0] as JobEvent));
      const body = Buffer.from(message.body);
      const { events } = receive({ headers: message.headers, body }, { batched: false });
      expect(events[0]?.event.data).toMatchObject({ key });
    },
  );

  it('answers what is no upload with 200 too, and says so in the log', async () => {
    const { tell, published, warned } = office();

    const reply = await tell({
      Records: [record('in%2Firis%2F'), record('in%2Firis%2F..%2Fa'), record('in%2Firis%2Fa')],
    });

    expect(reply.status).toBe(200);
    expect(JSON.parse(String(reply.body))).toMatchObject({
      ignored: [{ reason: 'FOLDER' }, { reason: 'KEY_NOT_PLAIN' }],
    });
    expect(published).toHaveLength(1);
    expect(warned).toEqual([{ key: 'in/iris/../a', reason: 'KEY_NOT_PLAIN' }]);
  });

  it.each([
    '',
    'Bearer',
    `Basic ${TOKEN}`,
    TOKEN,
    'Bearer other',
    `Bearer ${TOKEN} x`,
    `Bearer ${TOKEN}x`,
  ])('refuses the authorization %j', async (authorization) => {
    const { tell, published } = office();

    await expect(tell({ Records: [record('in%2Firis%2Fa')] }, authorization)).rejects.toThrow(
      UnauthorizedError,
    );
    expect(published).toEqual([]);
  });

  it('is 503 while the broker takes nothing, so that the store says it again', async () => {
    const { tell } = office(() => Promise.reject(new Error('no broker')));

    const refused = tell({ Records: [record('in%2Firis%2Fa')] });

    await expect(refused).rejects.toThrow(BrokerUnavailableError);
    await expect(refused).rejects.toMatchObject({ status: 503, retryAfterSeconds: 5 });
  });
});
