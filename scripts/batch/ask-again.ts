import { setTimeout as delay } from 'node:timers/promises';

/** An answer that is an error, in its own words. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Nobody answers at the address. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** How often and how long to try. */
export interface Patience {
  /** In all. */
  readonly attempts: number;
  /** After the first failure; doubled after each further one, in milliseconds. */
  readonly pauseMs: number;
}

/** Together about a minute: a function that is deployed anew is back by then. */
const DEFAULT: Patience = { attempts: 7, pauseMs: 1000 };

/**
 * What `ask` gives, asked again while nobody answers or the answer may be another one later.
 * @throws What it threw last.
 */
export async function askAgain<T>(
  ask: () => Promise<T>,
  patience: Partial<Patience> = {},
): Promise<T> {
  const { attempts, pauseMs } = { ...DEFAULT, ...patience };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (cause) {
      if (attempt >= attempts || !isPassing(cause)) throw cause;
      await delay(pauseMs * 2 ** (attempt - 1));
    }
  }
}

function isPassing(cause: unknown): boolean {
  if (cause instanceof AnswerError) return cause.status === 429 || cause.status >= 500;
  return cause instanceof NoAnswerError;
}
