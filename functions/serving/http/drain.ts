import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { Lifecycle } from './lifecycle.ts';

/** How long connections that owe no answer may take to end: their head may be on its way. */
const LINGER_MS = 250;

/**
 * Ends a server without losing an answer: it listens until the last request in flight is answered (new ones
 * get 503 meanwhile), then closes. True when all were answered within `graceMs`; otherwise what is left is
 * cut.
 */
export async function drain(
  server: Server,
  lifecycle: Lifecycle,
  graceMs: number,
): Promise<boolean> {
  const timedOut = AbortSignal.timeout(graceMs);
  const late = new Promise<boolean>((resolve) => {
    timedOut.addEventListener('abort', () => resolve(false), { once: true });
  });
  const finished = await Promise.race([lifecycle.idle().then(() => true), late]);
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // Idle ones are closed by now. A connection without a whole request is not idle for Node, nor would it
  // ever time out: a closed server looks for late requests no more.
  if (finished) await Promise.race([closed, delay(LINGER_MS, undefined, { ref: false })]);
  server.closeAllConnections();
  return finished;
}
