const FIRST_MS = 1000;
const LONGEST_MS = 10_000;

/**
 * Keeps a process that cannot start from being started in a hot loop: 1 s after the first failure, then
 * twice as long each time, up to 10 s. Kubernetes goes on to 5 minutes; here somebody waits for a fix.
 */
export class StartBackoff {
  #failures = 0;
  #until = 0;
  #reason = '';

  /** Why the last start failed; `undefined` when it did not. */
  get reason(): string | undefined {
    return this.#failures === 0 ? undefined : this.#reason;
  }

  /** Milliseconds until the next start may be tried; 0 when it may be now. */
  remainingMs(): number {
    return Math.max(0, this.#until - Date.now());
  }

  /** A start failed; `reason` is for people. */
  failed(reason: string): void {
    const waitMs = Math.min(FIRST_MS * 2 ** this.#failures, LONGEST_MS);
    this.#failures += 1;
    this.#until = Date.now() + waitMs;
    this.#reason = reason;
  }

  /** A start succeeded. */
  succeeded(): void {
    this.#failures = 0;
    this.#until = 0;
  }
}
