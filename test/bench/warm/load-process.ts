/** A program: loads a server over raw sockets, in a process of its own, and checks every answer. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

import { predictRequest, ReplyReader } from '../contestants/http-exchange.ts';
import { faultOf } from '../contestants/question.ts';
import type { LoadOrder, LoadOutcome, LoadResult } from './load.ts';

process.once('message', (order: LoadOrder) => {
  void run(order).then(
    (result) => process.send?.({ result } satisfies LoadOutcome),
    (cause: unknown) => process.send?.({ failed: String(cause) } satisfies LoadOutcome),
  );
});

/** Every connection asks again as soon as it has its answer. */
async function run(order: LoadOrder): Promise<LoadResult> {
  const sockets = await Promise.all(
    Array.from({ length: order.connections }, () => open(order.port)),
  );
  const latenciesMs: number[] = [];
  const startMs = performance.now();
  const countFromMs = startMs + order.warmUpSeconds * 1000;
  const endMs = countFromMs + order.seconds * 1000;
  await Promise.all(
    sockets.map((socket, index) =>
      keepAsking(socket, index, { order, countFromMs, endMs, latenciesMs }),
    ),
  );
  for (const socket of sockets) socket.destroy();
  return { latenciesMs, seconds: order.seconds };
}

interface Span {
  readonly order: LoadOrder;
  readonly countFromMs: number;
  readonly endMs: number;
  readonly latenciesMs: number[];
}

function keepAsking(socket: Socket, index: number, span: Span): Promise<void> {
  const { questions } = span.order;
  const requests = questions.map(({ body }) => predictRequest(body));
  const reader = new ReplyReader();
  // Connections start at different questions: two that are batched together must not be alike.
  let next = index;
  let sentMs = 0;
  const ask = (): void => {
    sentMs = performance.now();
    socket.write(requests[next % requests.length] ?? '');
  };
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      try {
        const reply = reader.push(chunk);
        if (reply === undefined) return;
        const nowMs = performance.now();
        const question = questions[next % questions.length];
        const fault = question && faultOf(question, reply.status, reply.body);
        if (fault !== undefined) throw new Error(fault);
        if (nowMs >= span.endMs) {
          resolve();
          return;
        }
        if (sentMs >= span.countFromMs) span.latenciesMs.push(nowMs - sentMs);
        next += 1;
        ask();
      } catch (cause) {
        reject(cause);
      }
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The server closed a connection')));
    ask();
  });
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
