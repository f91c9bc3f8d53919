import { createHash } from 'node:crypto';

import { CHECKSUMS } from './checksums.ts';

/** Passes bytes on and remembers their number and digests, which are final once all have passed. */
export class Digests {
  sizeBytes = 0;
  readonly #md5 = createHash('md5');
  readonly #sums: readonly (readonly [
    name: string,
    sum: { update(chunk: Buffer): void; digest(): Buffer },
  ])[];

  /** @param checksums names that `CHECKSUMS` has; others are passed over. */
  constructor(checksums: readonly string[] = []) {
    this.#sums = checksums.flatMap((name) => {
      const sum = CHECKSUMS[name]?.();
      return sum === undefined ? [] : [[name, sum] as const];
    });
  }

  /** The same bytes. */
  async *of(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
    for await (const chunk of bytes) {
      this.sizeBytes += chunk.length;
      this.#md5.update(chunk);
      for (const [, sum] of this.#sums) sum.update(chunk);
      yield chunk;
    }
  }

  /** Size, ETag and checksums, as an object has them; ends the digests. */
  finish(): { sizeBytes: number; etag: string; checksums: Record<string, string> } {
    return {
      sizeBytes: this.sizeBytes,
      etag: this.#md5.digest('hex'),
      checksums: Object.fromEntries(
        this.#sums.map(([name, sum]) => [name, sum.digest().toString('base64')]),
      ),
    };
  }
}
