import { ObjectStoreError } from '../../functions/runtime/object-store/errors.ts';
import type { OpenedFile } from './package-source.ts';

/** How long an answer may take. */
export interface ReceiveOptions {
  readonly signal: AbortSignal;
  /** An attempt that brings no byte for so long is given up. */
  readonly idleTimeoutMs: number;
}

/**
 * Opens a file and hands its bytes to what `begin` returns for it.
 * @throws {ObjectStoreError} Transient: nothing arrived for too long; or what opening and reading throw.
 * @throws What `begin` and its result throw.
 */
export async function receiveAnswer(
  open: (signal: AbortSignal) => Promise<OpenedFile>,
  begin: (opened: OpenedFile) => (piece: Buffer) => void,
  options: ReceiveOptions,
): Promise<void> {
  const idle = idleWatch(options.idleTimeoutMs);
  const signal = AbortSignal.any([options.signal, idle.signal]);
  try {
    const opened = await open(signal);
    const stop = (): void => opened.body.destroy(signal.reason as Error);
    signal.addEventListener('abort', stop);
    try {
      signal.throwIfAborted();
      const take = begin(opened);
      await opened.body.lend((piece) => {
        idle.postpone();
        take(piece);
      });
    } finally {
      signal.removeEventListener('abort', stop);
      opened.body.destroy();
    }
  } catch (cause) {
    throw idle.signal.aborted ? idle.signal.reason : cause;
  } finally {
    idle.stop();
  }
}

/** An answer that ended too early, or too late: asking again can help. */
export function cut(message: string): ObjectStoreError {
  return new ObjectStoreError(message, { transient: true });
}

/** Whether the same call can succeed later. */
export function isTransient(cause: unknown): cause is ObjectStoreError {
  return cause instanceof ObjectStoreError && cause.transient;
}

/** A signal that aborts with a transient error when it is not postponed for `timeoutMs`. */
function idleWatch(timeoutMs: number): {
  readonly signal: AbortSignal;
  postpone(): void;
  stop(): void;
} {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(cut(`no byte arrived for ${timeoutMs} ms`)),
    timeoutMs,
  );
  return {
    signal: controller.signal,
    postpone: () => void timer.refresh(),
    stop: () => clearTimeout(timer),
  };
}
