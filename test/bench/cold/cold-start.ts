import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import type { Contestant } from '../contestants/contestant.ts';
import { predictRequest, ReplyReader } from '../contestants/http-exchange.ts';
import type { RawReply } from '../contestants/http-exchange.ts';
import { faultOf } from '../contestants/question.ts';
import type { Question } from '../contestants/question.ts';
import { startProcess } from '../contestants/start-process.ts';
import type { StartedProcess } from '../contestants/start-process.ts';
import type { CountingStore, StoreRequest } from '../store/counting-store.ts';
import { readCpuMs } from './cpu-time.ts';
import { readMemory } from './private-memory.ts';
import type { Memory } from './private-memory.ts';

/** One start, from exec to a checked answer. */
export interface ColdStart {
  /** From just before the process is made to the last byte of the first 200. */
  readonly firstAnswerMs: number;
  /** CPU time of all its threads until then; undefined where nobody counts it. */
  readonly cpuMs: number | undefined;
  /** Right after that answer. */
  readonly memory: Memory | undefined;
  /** What the store was asked for meanwhile. */
  readonly storeRequests: readonly StoreRequest[];
  /** Of those that tell: `/info`. */
  readonly info: StartInfo | undefined;
}

/** The part of `/info` that tells of the start. */
export interface StartInfo {
  readonly cold_start: {
    readonly phases_ms: Readonly<Record<string, number>>;
    readonly code_cache?: string;
  };
}

const RETRY_MS = 1;
/** Times their size: heads of answers, and what was under way when a first answer was cut off. */
const WEIGHTS_AT_MOST = 1.2;
const START_TIMEOUT_MS = 60_000;

/**
 * Starts a contestant, asks until it answers 200, and ends it.
 * @throws {Error} When the answer is wrong, the process ends first, or the start is not what it claims to
 *   be: weights that did not come over S3, a code cache that V8 did not take.
 */
export async function coldStart(
  contestant: Contestant,
  question: Question,
  store: CountingStore,
): Promise<ColdStart> {
  await store.takeRequests();
  const child = await startProcess(contestant);
  try {
    const reply = await firstAnswer(child, predictRequest(question), child.spawnedMs);
    const firstAnswerMs = reply.atMs - child.spawnedMs;
    const cpuMs = await readCpuMs(child.pid);
    const memory = await readMemory(child.pid);
    const fault = faultOf(question, reply.status, reply.body);
    if (fault !== undefined) throw new Error(fault);
    const info = contestant.hasInfo ? await readInfo(child.port) : undefined;
    const storeRequests = await store.takeRequests();
    requireHonest(contestant, info, storeRequests, store.weightsBytes);
    return { firstAnswerMs, cpuMs, memory, storeRequests, info };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${contestant.name}: ${message}\n${child.output()}`, { cause });
  } finally {
    await child.stop();
  }
}

/** Asks as a client would: connects as soon as it can, and again while the answer is 503. */
async function firstAnswer(
  child: StartedProcess,
  request: Buffer,
  startedMs: number,
): Promise<RawReply & { readonly atMs: number }> {
  while (child.isRunning() && performance.now() < startedMs + START_TIMEOUT_MS) {
    const socket = await tryConnect(child.port);
    if (socket !== undefined) {
      const reply = await askUntilReady(socket, request);
      if (reply !== undefined) return { ...reply, atMs: performance.now() };
    }
    await delay(RETRY_MS);
  }
  throw new Error(child.isRunning() ? 'no answer in time' : 'it ended before it answered');
}

function tryConnect(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

/** The first answer that is not 503; undefined when the connection ends before. */
function askUntilReady(socket: Socket, request: Buffer): Promise<RawReply | undefined> {
  return new Promise((resolve) => {
    const reader = new ReplyReader();
    const ask = (): void => void socket.write(request);
    socket.on('data', (chunk: Buffer) => {
      const reply = reader.push(chunk);
      if (reply === undefined) return;
      if (reply.status === 503) {
        setTimeout(ask, RETRY_MS);
        return;
      }
      resolve(reply);
      socket.destroy();
    });
    socket.on('close', () => resolve(undefined));
    socket.on('error', () => {});
    ask();
  });
}

async function readInfo(port: number): Promise<StartInfo> {
  const answer = await fetch(`http://127.0.0.1:${port}/info`);
  return (await answer.json()) as StartInfo;
}

function requireHonest(
  { weights }: Contestant,
  info: StartInfo | undefined,
  requests: readonly StoreRequest[],
  weightsBytes: number,
): void {
  const sent = requests
    .filter(({ method, path, status }) => {
      return method === 'GET' && path.includes('/model.onnx') && [200, 206].includes(status);
    })
    .reduce((sum, { bytes }) => sum + bytes, 0);
  const times = sent / weightsBytes;
  // Large weights come in ranges, after a first answer that is cut off with some of it on the way.
  if (weights === 's3' && (times < 1 || times > WEIGHTS_AT_MOST)) {
    throw new Error(`the store sent the weights ${times.toFixed(2)} times, not once`);
  }
  if (weights === 'local file' && requests.length > 0) throw new Error('it asked the store');
  const cache = info?.cold_start.code_cache;
  if (info !== undefined && cache !== 'accepted') {
    throw new Error(`its code cache is "${String(cache)}", not "accepted"`);
  }
}
