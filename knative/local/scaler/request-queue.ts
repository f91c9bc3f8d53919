import { ServiceBusyError } from './service-busy-error.ts';

/** Requests that may wait; more are refused. Knative's activator holds as many per revision. */
const MAX_WAITING = 10_000;

interface Waiting<T> {
  readonly resolve: (place: T) => void;
  readonly reject: (cause: Error) => void;
}

/** Requests that wait for a place, in the order in which they came. */
export class RequestQueue<T> {
  readonly #waiting = new Set<Waiting<T>>();

  /** How many wait. */
  get length(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves with a place, once it is this request's turn.
   * @throws {ServiceBusyError} When too many wait already.
   * @throws The signal's reason when it is aborted before.
   */
  async wait(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#waiting.size >= MAX_WAITING) throw new ServiceBusyError();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const entry = { resolve, reject };
    const abandon = (): void => {
      this.#waiting.delete(entry);
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abandon, { once: true });
    this.#waiting.add(entry);
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', abandon);
    }
  }

  /** Gives places to those who wait, the first first, for as long as `take` has one. */
  serve(take: () => T | undefined): void {
    for (const entry of this.#waiting) {
      const place = take();
      if (place === undefined) return;
      this.#waiting.delete(entry);
      entry.resolve(place);
    }
  }

  /** Ends the wait of all. */
  refuse(cause: Error): void {
    for (const entry of this.#waiting) entry.reject(cause);
    this.#waiting.clear();
  }
}
