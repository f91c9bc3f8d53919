import type { Server } from 'node:http';

import type { Lifecycle } from './lifecycle.ts';

/**
 * Ends a server without losing an answer: it listens until the last request in flight is answered (new ones
 * get 503 meanwhile), then closes. True when that was within `graceMs`; otherwise what is left is cut.
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
  const closed = new Promise<boolean>((resolve) => {
    server.close(() => resolve(true));
  });
  if (!finished) {
    server.closeAllConnections();
    return false;
  }
  server.closeIdleConnections();
  const inTime = await Promise.race([closed, late]);
  if (!inTime) server.closeAllConnections();
  return inTime;
}
