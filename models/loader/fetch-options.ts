import type { Backoff } from './backoff.ts';
import type { OnLoadEvent } from './load-event.ts';

/** How patient a fetch is, and whom it tells. */
export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly onEvent: OnLoadEvent;
  readonly backoff: Backoff;
  /** An attempt that brings no byte for so long is given up. */
  readonly idleTimeoutMs: number;
  /** When further connections help. @default that of `fetch-rest.ts` */
  readonly parallel?: ParallelRule;
}

/** When the rest of a file is fetched over several connections, and how. */
export interface ParallelRule {
  /** After so many bytes one connection has shown how fast it is. */
  readonly probeBytes: number;
  /** A connection that brings more has a store that does not throttle it, and keeps a core busy by itself. */
  readonly fastBytesPerSecond: number;
  /** What is less is not worth further connections. */
  readonly leastBytes: number;
  /** Of one request. */
  readonly blockBytes: number;
  readonly connections: number;
}
