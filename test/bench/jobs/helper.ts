import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';

import { NODE_FLAGS } from '../../../scripts/build/node-flags.ts';
import type { S3Settings } from '../store/counting-store.ts';

/** What the programs of this folder work on. */
export interface HelperOrder {
  /** The clone. */
  readonly root: string;
  readonly s3: S3Settings;
  readonly bucket: string;
  /** A chunk of flowers, a whole object. */
  readonly key: string;
  /** Where events go. */
  readonly broker: string;
}

/** Once over a chunk. */
export interface ChunkTime {
  readonly records: number;
  readonly ms: number;
  /** Of that, ONNX Runtime; only the plain loop knows it. */
  readonly runMs?: number;
}

/** Equal for lines with equal predictions, in the same order. */
export function digestOf(lines: string): string {
  const outputs = lines
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly output: unknown }).output);
  return createHash('sha256').update(JSON.stringify(outputs)).digest('hex');
}

type Answer = { readonly done: unknown } | { readonly failed: string };

/** A program of this folder in a process of its own, asked one thing at a time. */
export interface Helper extends AsyncDisposable {
  /** @throws {Error} When it fails, or has ended. */
  ask(question: unknown): Promise<unknown>;
}

/** Starts a program with the flags of Node that functions run with, and gives it its order. */
export async function startHelper(program: string, order: unknown): Promise<Helper> {
  const child = fork(join(import.meta.dirname, program), { execArgv: [...NODE_FLAGS] });
  const exited = once(child, 'exit');
  const ask = async (question: unknown): Promise<unknown> => {
    const answered = Promise.race([
      once(child, 'message') as Promise<[Answer]>,
      exited.then((): [Answer] => [{ failed: 'it ended early' }]),
    ]);
    child.send({ question });
    const [answer] = await answered;
    if ('failed' in answer) throw new Error(`${program}: ${answer.failed}`);
    return answer.done;
  };
  const stop = async (): Promise<void> => {
    // It ends by itself then, and what it started with it.
    if (child.connected) child.disconnect();
    await exited;
  };
  try {
    await ask(order);
  } catch (cause) {
    await stop();
    throw cause;
  }
  return { ask, [Symbol.asyncDispose]: stop };
}

/** The other side: `start` takes the order and gives what answers the questions after it. */
export function serveHelper<Order>(
  start: (order: Order) => Promise<(question: unknown) => Promise<unknown>>,
): void {
  let answer: ((question: unknown) => Promise<unknown>) | undefined;
  const take = async (question: unknown): Promise<Answer> => {
    try {
      if (answer !== undefined) return { done: await answer(question) };
      answer = await start(question as Order);
      return { done: undefined };
    } catch (cause) {
      return { failed: cause instanceof Error ? String(cause.stack) : String(cause) };
    }
  };
  process.on('message', ({ question }: { readonly question: unknown }) => {
    void take(question).then((said) => process.send?.(said));
  });
  process.once('disconnect', () => process.exit(0));
}
