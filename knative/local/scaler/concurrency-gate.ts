import { ServiceBusyError } from './service-busy-error.ts';

/** Requests that may wait; more are refused. Knative's activator holds as many per revision. */
const MAX_WAITING = 10_000;

/** Lets at most `limit` in at once, the others wait in order; limit 0 lets all in. */
export class ConcurrencyGate {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(limit: number) {
    this.#limit = limit === 0 ? Infinity : limit;
  }

  /**
   * Resolves when the caller is in; it must call {@link leave} once.
   * @throws {ServiceBusyError} When too many wait already.
   * @throws The signal's reason when it is aborted before.
   */
  async enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#inside < this.#limit) {
      this.#inside += 1;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) throw new ServiceBusyError();
    await new Promise<void>((resolve, reject) => {
      const admit = (): void => {
        signal.removeEventListener('abort', abandon);
        resolve();
      };
      const abandon = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(admit), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abandon, { once: true });
      this.#waiting.push(admit);
    });
  }

  /** One that was let in is done; the place goes to the longest waiting. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inside -= 1;
    else next();
  }
}
