import type { Phase } from './loaded-model.ts';

/** What a load, and later the processes of its model, tell their caller, who logs it. Times in milliseconds. */
export type LoadEvent =
  | { readonly event: 'phase'; readonly phase: Phase; readonly ms: number }
  /** A file is asked of the store: `start` bytes of it are here already. */
  | {
      readonly event: 'request';
      readonly file: string;
      readonly attempt: number;
      readonly start: number;
    }
  /** The attempt failed and another one follows. */
  | {
      readonly event: 'attempt-failed';
      readonly file: string;
      readonly attempt: number;
      readonly receivedBytes: number;
      readonly retryInMs: number;
      readonly reason: string;
    }
  /** Taken from the cache folder and verified: the store is not asked. */
  | { readonly event: 'cache-hit'; readonly file: string; readonly sha256: string }
  /** The cache folder's copy had other bytes than its name says, and was removed. */
  | { readonly event: 'cache-corrupt'; readonly file: string; readonly sha256: string }
  | { readonly event: 'cache-stored'; readonly files: number }
  /** A worker process is ready to compute; `sessions` of them are now. */
  | {
      readonly event: 'session-started';
      readonly sessions: number;
      readonly pid: number | undefined;
    }
  /** A worker process has ended; another takes its place. */
  | { readonly event: 'session-lost'; readonly reason: string; readonly sessions: number }
  /** Another could not be started, and is tried again. */
  | { readonly event: 'session-failed'; readonly reason: string; readonly retryInMs: number }
  /** Reading or writing the cache folder failed. Loading goes on: it is only a cache. */
  | { readonly event: 'cache-unusable'; readonly reason: string };

/** Receives the events of a load, synchronously; must not throw. */
export type OnLoadEvent = (event: LoadEvent) => void;
