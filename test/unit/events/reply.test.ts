import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { createEvent } from '../../../events/message.ts';
import { replyTo } from '../../../events/reply.ts';
import { EVENT_TYPES } from '../../../events/types.ts';

const parts = { id: 'r-1', source: '/app', type: 'x', traceparent: '00-a-b-01' };
const request = createEvent(parts);
const reply = { type: EVENT_TYPES.inferenceResponse, source: '/models/iris' };

describe('replyTo()', () => {
  it('has an id that the request alone decides', () => {
    const expected = createHash('sha256').update('["/app","r-1"]').digest('hex').slice(0, 32);

    expect(replyTo(request, reply).id).toBe(expected);
    expect(replyTo(createEvent({ ...parts, subject: 'again' }), reply).id).toBe(expected);
    expect(replyTo(createEvent({ ...parts, id: 'r-2' }), reply).id).not.toBe(expected);
  });

  it('names its cause, and is correlated as the request is', () => {
    expect(replyTo(request, reply)).toMatchObject({ correlationid: 'r-1', causationid: 'r-1' });
    expect(replyTo(createEvent({ ...parts, correlationid: 'order-7' }), reply)).toMatchObject({
      correlationid: 'order-7',
      causationid: 'r-1',
    });
  });

  it('keeps the trace that it belongs to', () => {
    expect(replyTo(request, reply)).toMatchObject({ traceparent: '00-a-b-01' });
  });

  it('is a valid event', () => {
    const data = { a: 1 };

    const event = createEvent({ ...replyTo(request, reply), data });

    expect(event.validate()).toBe(true);
    expect(event.data).toEqual({ a: 1 });
  });
});
