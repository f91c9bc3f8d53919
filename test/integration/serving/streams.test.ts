import { once } from 'node:events';
import { connect } from 'node:net';

import { afterEach, expect, it } from 'vitest';
import * as z from 'zod';

import { defineEndpoint } from '../../../functions/endpoint.ts';
import { shutDown } from '../../../functions/serving/serve.ts';
import { fakeModel } from '../../support/fake-model.ts';
import { ask, expectError, fromRaw } from '../../support/http-client.ts';
import { rawRequest, requestText } from '../../support/raw-http.ts';
import { serveDefinition } from '../../support/serve-definition.ts';
import type { ServedDefinition } from '../../support/serve-definition.ts';
import { tally } from '../../support/tally-model.ts';

/** An answer whose pieces come when a test says, and that notes its end. */
interface Script {
  readonly ended: Promise<void>;
  stream(): AsyncIterable<Uint8Array>;
}

let served: ServedDefinition | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

function scripted(pieces: () => AsyncGenerator<Uint8Array>): Script {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    ended,
    async *stream() {
      try {
        yield* pieces();
      } finally {
        end();
      }
    },
  };
}

/** Serves one endpoint, `/stream`, that answers as the script says. */
async function serve(
  { stream }: Pick<Script, 'stream'>,
  env: Readonly<Record<string, string>> = {},
): Promise<ServedDefinition> {
  const endpoint = defineEndpoint({
    path: '/stream',
    description: 'Answers piece by piece',
    request: z.strictObject({}),
    response: z.strictObject({}),
    predict: async () => ({}),
    produces: { 'application/json': () => stream() },
  });
  served = await serveDefinition({ ...tally, endpoints: [endpoint] }, fakeModel(), env);
  return served;
}

const REQUEST = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
const open = ({ url }: ServedDefinition, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}/stream`, { ...REQUEST, ...init });
const text = (value: string): Uint8Array => Buffer.from(value);
const never = new Promise<never>(() => {});
const failureOf = (result: Promise<unknown>): Promise<unknown> =>
  result.then(
    () => 'did not fail',
    () => 'failed',
  );

/** A promise to be kept by hand. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let openIt = (): void => {};
  const opened = new Promise<void>((resolve) => (openIt = resolve));
  return { opened, open: () => openIt() };
}

it('sends pieces as they come, and says that it is whole', async () => {
  const second = gate();
  const script = scripted(async function* pieces() {
    yield text('{"a":');
    await second.opened;
    yield text('1');
    yield text('}');
  });
  const response = await open(await serve(script));
  const reader = response.body?.getReader();

  const first = await reader?.read();
  second.open();
  let rest = '';
  for (let more = await reader?.read(); more?.done === false; more = await reader?.read()) {
    rest += Buffer.from(more.value as Uint8Array).toString();
  }

  expect(Buffer.from(first?.value ?? []).toString()).toBe('{"a":');
  expect(rest).toBe('1}');
  expect(response.headers.get('transfer-encoding')).toBe('chunked');
  expect(response.headers.get('content-length')).toBeNull();
});

it('keeps the connection for the next request', async () => {
  const { port } = await serve(
    scripted(async function* pieces() {
      yield text('{}');
    }),
  );
  const socket = connect({ port, host: '127.0.0.1' });
  let received = '';
  socket.on('data', (data: Buffer) => (received += data.toString()));
  const request = requestText('POST /stream', { 'Content-Type': 'application/json' }, '{}');

  socket.write(request + request);
  while (received.split('0\r\n\r\n').length < 3) await once(socket, 'data');
  socket.destroy();

  expect(received.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
});

it('stops the stream when the client goes, also between two pieces', async () => {
  const script = scripted(async function* pieces() {
    for (;;) {
      yield text('x'.repeat(1000));
      await new Promise(setImmediate);
    }
  });
  const controller = new AbortController();
  const response = await open(await serve(script), { signal: controller.signal });
  await response.body?.getReader().read();

  controller.abort();

  expect(await script.ended).toBeUndefined();
});

it('asks for no more than the client takes', async () => {
  const piece = Buffer.alloc(65_536, 'x');
  const pieces = 4000;
  let asked = 0;
  const script = scripted(async function* endless() {
    for (; asked < pieces; asked += 1) yield piece;
  });
  const { port, url } = await serve(script);
  const socket = connect({ port, host: '127.0.0.1' });
  socket.pause();
  socket.write(requestText('POST /stream', { 'Content-Type': 'application/json' }, '{}'));

  // Nobody reads: once it stands still over a hundred other requests, it waits.
  for (let before = -1, still = 0; still < 100; before = asked) {
    await ask(`${url}/healthz`);
    still = asked === before && asked > 0 ? still + 1 : 0;
  }
  const waitingAt = asked;
  let received = 0;
  socket.on('data', (data: Buffer) => (received += data.length)).resume();
  await script.ended;
  while (received < pieces * piece.length) await once(socket, 'data');
  socket.destroy();

  expect(waitingAt).toBeLessThan(pieces / 4);
  expect(asked).toBe(pieces);
});

it('cuts the answer off at the deadline, and the stream with it', async () => {
  const script = scripted(async function* pieces() {
    yield text('{"a":');
    for (;;) {
      yield text(' ');
      await new Promise(setImmediate);
    }
  });
  const { url } = await serve(script, { INFERENCE_TIMEOUT_MS: '100' });

  const response = await fetch(`${url}/stream`, REQUEST);

  expect(response.status).toBe(200);
  expect(await failureOf(response.text())).toBe('failed');
  await script.ended;
  expect((await ask(`${url}/metrics`)).text).toMatch(
    /^inference_errors_total\{model="fake",error_type="INFERENCE_TIMEOUT"\} 1$/m,
  );
});

it('answers 504 when the deadline passes before the first piece', async () => {
  const { url } = await serve({
    async *stream() {
      await never;
      yield text('');
    },
  });
  const headers = { ...REQUEST.headers, 'x-request-timeout-ms': '50' };

  expectError(await ask(`${url}/stream`, { ...REQUEST, headers }), 'INFERENCE_TIMEOUT', 'typed');
});

it('cuts off a client that does not take its answer before the deadline', async () => {
  const script = scripted(async function* pieces() {
    for (;;) yield Buffer.alloc(65_536);
  });
  const { port } = await serve(script, { INFERENCE_TIMEOUT_MS: '100' });
  const socket = connect({ port, host: '127.0.0.1' });
  socket.pause();
  socket.write(requestText('POST /stream', { 'Content-Type': 'application/json' }, '{}'));

  await script.ended;
  socket.resume();

  // A reset, or an end in the middle of the answer.
  await new Promise<void>((resolve) => {
    socket.on('error', () => resolve()).on('close', () => resolve());
  });
  expect(socket.destroyed).toBe(true);
});

it('answers an error when the stream fails before its first piece', async () => {
  const { port } = await serve({
    // oxlint-disable-next-line require-yield -- it fails first
    async *stream() {
      throw new Error('no such column: password');
    },
  });

  const answer = fromRaw(
    await rawRequest(
      port,
      requestText('POST /stream', { 'Content-Type': 'application/json' }, '{}'),
    ),
  );

  expectError(answer, 'INFERENCE_FAILED', 'typed');
  expect(answer.text).not.toContain('password');
});

it('cuts the answer off when the stream fails later, and says so in the metrics', async () => {
  const { url } = await serve({
    async *stream() {
      yield text('{"a":');
      await new Promise(setImmediate);
      throw new Error('half way');
    },
  });

  const response = await fetch(`${url}/stream`, REQUEST);

  expect(response.status).toBe(200);
  expect(await failureOf(response.text())).toBe('failed');
  expect((await ask(`${url}/metrics`)).text).toMatch(
    /^inference_errors_total\{model="fake",error_type="INFERENCE_FAILED"\} 1$/m,
  );
});

it('is finished when the server shuts down', async () => {
  const second = gate();
  const script = scripted(async function* pieces() {
    yield text('first ');
    await second.opened;
    yield text('second');
  });
  const { server, serving, ...rest } = await serve(script);
  const response = await open({ server, serving, ...rest });
  const reader = response.body?.getReader();
  await reader?.read();

  const stopped = shutDown(serving, server, 60_000);
  expect(serving.lifecycle.inFlight()).toBe(1);
  second.open();
  const last = await reader?.read();

  expect(Buffer.from(last?.value ?? []).toString()).toBe('second');
  expect((await reader?.read())?.done).toBe(true);
  expect(await stopped).toBe(true);
  served = undefined;
});
