import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import type { Question } from '../contestants/question.ts';

/** What the load generator is to do. */
export interface LoadOrder {
  readonly port: number;
  /** The server's process, for its CPU time. */
  readonly pid?: number;
  readonly connections: number;
  /** Asked, checked and not counted. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly questions: readonly Question[];
}

/** What it measured. */
export interface LoadResult {
  /** From the write of a request to its whole answer, one per answer. */
  readonly latenciesMs: readonly number[];
  /** Answers of 429 meanwhile. */
  readonly refused: number;
  /** CPU time of the server and its children meanwhile; undefined where nobody counts it. */
  readonly cpuMs?: number;
  readonly seconds: number;
}

/** What its process says at the end. */
export type LoadOutcome = { readonly result: LoadResult } | { readonly failed: string };

/**
 * Loads a server from another process, so that its client does not share a thread with anything.
 * @throws {Error} When one answer was wrong, or a connection broke.
 */
export async function generateLoad(order: LoadOrder): Promise<LoadResult> {
  const child = fork(join(import.meta.dirname, 'load-process.ts'), {
    execArgv: [],
    // Bodies are bytes.
    serialization: 'advanced',
  });
  const exited = once(child, 'exit');
  try {
    const answered = Promise.race([
      once(child, 'message') as Promise<[LoadOutcome]>,
      exited.then((): [LoadOutcome] => [{ failed: 'the load generator ended early' }]),
    ]);
    child.send(order);
    const [outcome] = await answered;
    if ('failed' in outcome) throw new Error(outcome.failed);
    return outcome.result;
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}
