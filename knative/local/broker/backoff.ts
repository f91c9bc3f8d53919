import { setTimeout as delay } from 'node:timers/promises';

import type { DeliverySpec } from '../manifests/eventing-spec.ts';

/**
 * How long to wait before attempt `retry` (0 is the first repetition), in milliseconds. As in Knative: linear is
 * delay × n and exponential delay × 2ⁿ with n from 0, without a limit. `Retry-After` of 429 and 503 makes it longer, as
 * far as the Trigger lets it.
 */
export function pauseMs(
  { backoffPolicy, backoffDelayMs, retryAfterMaxMs }: DeliverySpec,
  retry: number,
  retryAfterMs: number | undefined,
): number {
  const backoff = backoffPolicy === 'linear' ? backoffDelayMs * retry : backoffDelayMs * 2 ** retry;
  const asked = retryAfterMaxMs === undefined ? 0 : Math.min(retryAfterMs ?? 0, retryAfterMaxMs);
  return Math.max(backoff, asked);
}

/** Waits; a process that has nothing else to do may end meanwhile. Rejects when the signal aborts. */
export async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false });
}
