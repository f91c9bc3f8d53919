import type { IncomingMessage } from 'node:http';

import { describe, expect, it } from 'vitest';

import { InvalidRequestError } from '../../../../../functions/runtime/errors.ts';
import {
  deadlineMs,
  readContext,
  traceId,
} from '../../../../../functions/serving/http/request-context.ts';
import type { RequestContext } from '../../../../../functions/serving/http/request-context.ts';

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function contextOf(headers: IncomingMessage['headers'], url = '/predict'): RequestContext {
  return readContext({ method: 'POST', url, headers, socket: {} } as IncomingMessage);
}

describe('readContext()', () => {
  it('takes the path apart, and leaves it as it was sent', () => {
    const { path, query } = contextOf({}, '/v2/a%20b?top_k=3&x=%ZZ');

    expect(path).toBe('/v2/a%20b');
    expect(query.get('top_k')).toBe('3');
  });

  it.each([
    ['http://iris.example/predict?top_k=3', '/predict', '3'],
    ['HTTPS://iris.example:8443/v2', '/v2', null],
    ['http://iris.example', '/', null],
    ['http://iris.example?top_k=3', '/', '3'],
    ['/http://iris.example/predict', '/http://iris.example/predict', null],
  ])('reads the target %s, host or not', (target, expected, topK) => {
    const { path, query } = contextOf({}, target);

    expect(path).toBe(expected);
    expect(query.get('top_k')).toBe(topK);
  });

  it.each(['a', 'a'.repeat(256), '!~'])('keeps the request id %s', (id) => {
    expect(contextOf({ 'x-request-id': id }).requestId).toBe(id);
  });

  it.each([undefined, '', 'a'.repeat(257), 'a b', 'a\tb', 'é', 'one, two'])(
    'makes another request id than %j',
    (id) => {
      const { requestId } = contextOf(id === undefined ? {} : { 'x-request-id': id });

      expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it('makes every request id anew', () => {
    expect(contextOf({}).requestId).not.toBe(contextOf({}).requestId);
  });

  it('keeps a trace', () => {
    expect(contextOf({ traceparent: TRACE }).traceparent).toBe(TRACE);
    expect(traceId(TRACE)).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  });

  it.each([undefined, '', `${TRACE}-extra`, TRACE.slice(0, -1), TRACE.replace('-01', '-0g')])(
    'starts another trace than %j',
    (trace) => {
      const { traceparent } = contextOf(trace === undefined ? {} : { traceparent: trace });

      expect(traceparent).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00$/);
    },
  );

  it('says that the client is gone once its connection is', () => {
    const socket = { destroyed: false };
    const context = readContext({ url: '/', headers: {}, socket } as unknown as IncomingMessage);
    expect(context.isAbandoned()).toBe(false);

    socket.destroyed = true;

    expect(context.isAbandoned()).toBe(true);
  });
});

describe('deadlineMs()', () => {
  it.each([
    [undefined, 5000],
    ['1', 1],
    ['4999', 4999],
    ['5001', 5000],
    ['999999999999999999', 5000],
  ])('of %s is %i ms after the start, with 5000 configured', (header, expected) => {
    const context = contextOf(header === undefined ? {} : { 'x-request-timeout-ms': header });

    expect(deadlineMs(context, 5000) - context.startedMs).toBeCloseTo(expected, 6);
  });

  it.each(['0', '-5', '1.5', 'x', '', 'NaN', 'Infinity', '5, 5'])('refuses %j', (header) => {
    const context = contextOf({ 'x-request-timeout-ms': header });

    expect(() => deadlineMs(context, 5000)).toThrow(InvalidRequestError);
  });
});
