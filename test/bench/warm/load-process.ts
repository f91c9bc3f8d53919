/** A program: loads a server over raw sockets, in a process of its own, and checks every answer. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { predictRequest, ReplyReader } from '../contestants/http-exchange.ts';
import { createAnswerCheck } from './answer-check.ts';
import type { AnswerCheck } from './answer-check.ts';
import { readCpuMs } from '../cold/cpu-time.ts';
import type { LoadOrder, LoadOutcome, LoadResult } from './load.ts';

process.once('message', (order: LoadOrder) => {
  void run(order).then(
    (result) => process.send?.({ result } satisfies LoadOutcome),
    (cause: unknown) => process.send?.({ failed: String(cause) } satisfies LoadOutcome),
  );
});

/** Every connection asks again as soon as it has its answer. */
async function run(order: LoadOrder): Promise<LoadResult> {
  const { connections, port, pid, warmUpSeconds, seconds, questions } = order;
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const requests = questions.map(predictRequest);
  const checks = questions.map(createAnswerCheck);
  const startMs = performance.now();
  const countFromMs = startMs + warmUpSeconds * 1000;
  const span: Span = {
    requests,
    checks,
    countFromMs,
    endMs: countFromMs + seconds * 1000,
    latenciesMs: [],
    refused: 0,
  };
  const asking = sockets.map((socket, index) => keepAsking(socket, index, span));
  const cpuMs = async (): Promise<number | undefined> =>
    pid === undefined ? undefined : readCpuMs(pid);
  const before = delay(warmUpSeconds * 1000).then(cpuMs);
  await Promise.all(asking);
  const after = await cpuMs();
  for (const socket of sockets) socket.destroy();
  const usedMs = after === undefined ? undefined : after - ((await before) ?? 0);
  const { latenciesMs, refused } = span;
  return {
    latenciesMs,
    refused,
    seconds,
    ...(usedMs === undefined ? {} : { cpuMs: usedMs }),
  };
}

interface Span {
  readonly requests: readonly Buffer[];
  readonly checks: readonly AnswerCheck[];
  readonly countFromMs: number;
  readonly endMs: number;
  readonly latenciesMs: number[];
  refused: number;
}

/** RFC 6585, 4: the server has said no in good order, and is asked again. */
const TOO_MANY_REQUESTS = 429;

function keepAsking(socket: Socket, index: number, span: Span): Promise<void> {
  const { requests, checks, countFromMs, endMs } = span;
  const reader = new ReplyReader();
  // Connections start at different questions: two that are batched together must not be alike.
  let next = index % requests.length;
  let sentMs = 0;
  const ask = (): void => {
    sentMs = performance.now();
    socket.write(requests[next] ?? '');
  };
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      try {
        const reply = reader.push(chunk);
        if (reply === undefined) return;
        const nowMs = performance.now();
        const isRefused = reply.status === TOO_MANY_REQUESTS;
        const fault = isRefused ? undefined : checks[next]?.(reply);
        if (fault !== undefined) throw new Error(fault);
        if (nowMs >= endMs) {
          resolve();
          return;
        }
        if (sentMs >= countFromMs) {
          if (isRefused) span.refused += 1;
          else span.latenciesMs.push(nowMs - sentMs);
        }
        next = (next + 1) % requests.length;
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
