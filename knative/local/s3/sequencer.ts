/** What each change of the store gets: 16 hexadecimal digits that only ever rise, also over a restart. */
export class Sequencer {
  #last = 0n;

  /** Continues after a value that an earlier process gave out. */
  observe(given: string): void {
    const value = BigInt(`0x${given}`);
    if (value > this.#last) this.#last = value;
  }

  /** Nanoseconds since 1970, as MinIO writes them; one more than the last when the clock has not moved. */
  next(): string {
    const now = BigInt(Date.now()) * 1_000_000n;
    this.#last = now > this.#last ? now : this.#last + 1n;
    return formatSequencer(this.#last);
  }
}

/** A sequencer of that many nanoseconds since 1970. */
export function formatSequencer(nanoseconds: bigint): string {
  return nanoseconds.toString(16).toUpperCase().padStart(16, '0');
}
