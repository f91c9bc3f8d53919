import { describe, expect, it } from 'vitest';

import { binaryMessage, createEvent, structuredMessage } from '../../../events/message.ts';
import { receive } from '../../../events/receive.ts';

const parts = { id: '1', source: '/s', type: 't', time: '2026-01-02T03:04:05.000Z' };
const DATA = [
  ['an object', { a: 1 }],
  ['a string', 'text'],
  ['an empty string', ''],
  ['false', false],
  ['zero', 0],
  ['null', null],
  ['none', undefined],
] as const;

describe.each([
  ['binaryMessage()', binaryMessage],
  ['structuredMessage()', structuredMessage],
])('%s', (_name, write) => {
  const there = (event: Parameters<typeof createEvent>[0]) => {
    const { headers, body } = write(createEvent(event));
    return receive({ headers, body: Buffer.from(body) }, { batched: false }).events[0]!;
  };

  it.each(DATA)('carries data: %s', (_what, data) => {
    const event = {
      ...parts,
      datacontenttype: 'application/json',
      ...(data === undefined ? {} : { data }),
    };

    expect(there(event).event.data).toEqual(data);
  });

  it('carries bytes', () => {
    const bytes = Buffer.from([0, 1, 254, 255]);

    expect(there({ ...parts, datacontenttype: 'image/png', data: bytes }).bytes).toEqual(bytes);
  });

  it('carries attributes of all characters', () => {
    const subject = 'a b/"c"%20/é€😀+';

    expect(there({ ...parts, subject }).event).toMatchObject({ ...parts, subject });
  });
});

describe('binaryMessage()', () => {
  it('percent-encodes as the binding says', () => {
    const { headers } = binaryMessage(createEvent({ ...parts, subject: 'Euro € 😀' }));

    expect(headers['ce-subject']).toBe('Euro%20%E2%82%AC%20%F0%9F%98%80');
  });
});
