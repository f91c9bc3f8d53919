import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { Lifecycle } from './lifecycle.ts';

/** So long no request may have come before the server closes: one may be on its way through the kernel. */
const QUIET_MS = 250;
/** Clients that ask again and again do not hold up the end for longer. */
const MAX_ROUNDS = 8;

/**
 * Ends a server without losing an answer: it listens until the last request in flight is answered and no new
 * one has come for a while (new ones get 503 meanwhile), then closes. True when all were answered within
 * `graceMs`; otherwise what is left is cut.
 */
export async function drain(
  server: Server,
  lifecycle: Lifecycle,
  graceMs: number,
): Promise<boolean> {
  await Promise.race([quiet(lifecycle), delay(graceMs)]);
  const finished = lifecycle.inFlight() === 0;
  server.close();
  // Those that owe no answer; without a whole request they are not idle for Node, and would stay.
  server.closeAllConnections();
  return finished;
}

async function quiet(lifecycle: Lifecycle): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    await lifecycle.idle();
    const before = lifecycle.arrivals();
    await delay(QUIET_MS);
    if (lifecycle.arrivals() === before) return;
  }
  await lifecycle.idle();
}
