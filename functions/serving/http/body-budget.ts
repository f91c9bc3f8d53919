import { QueueFullError } from '../../runtime/errors.ts';

/** One request's share of what a process may hold. */
export interface BodyClaim {
  /**
   * Raises the share to `bytes`.
   * @throws {QueueFullError} When others hold so much that it does not fit.
   */
  grow(bytes: number): void;
  /** Gives the share back; more than once is no error. */
  release(): void;
}

/**
 * Bounds the bytes of request bodies that a process holds at once, from their first byte to their answer:
 * many large requests together must not end it. One alone is always let in, for it could never come in
 * otherwise.
 */
export function createBodyBudget(maxBytes: number): () => BodyClaim {
  let held = 0;
  return () => {
    let own = 0;
    return {
      grow(bytes) {
        if (bytes <= own) return;
        if (held > own && held + bytes - own > maxBytes) {
          throw new QueueFullError('Too many large requests are being served', {
            retryAfterSeconds: 1,
          });
        }
        held += bytes - own;
        own = bytes;
      },
      release() {
        held -= own;
        own = 0;
      },
    };
  };
}
