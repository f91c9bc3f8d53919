import { InvalidRequestError } from '../../../runtime/errors.ts';

/** What JSON.parse tells its reviver of a number: the digits themselves. In V8, not yet in TypeScript's library. */
interface Source {
  readonly source?: string;
}
type Reviver = (key: string, value: unknown, context: Source) => unknown;
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;

const WHOLE = /^-?\d+$/;

/**
 * Whether a parsed list, nested or not, has a whole number that may have lost digits: one beyond 2^53, where
 * JavaScript's numbers are no longer exact.
 */
export function hasInexactIntegers(data: unknown): boolean {
  if (!Array.isArray(data)) return Number.isInteger(data) && !Number.isSafeInteger(data);
  const parts: readonly unknown[] = data;
  return parts.some(hasInexactIntegers);
}

/**
 * The same JSON value with the whole numbers beyond 2^53 as strings of their digits. Much slower than
 * `JSON.parse` alone: only for bodies that have such numbers.
 * https://github.com/tc39/proposal-json-parse-with-source
 * @throws {InvalidRequestError} When it is nested too deep.
 */
export function parseExactIntegers(text: string): unknown {
  try {
    return parse(text, (_key, value, { source }) =>
      typeof value === 'number' && !Number.isSafeInteger(value) && WHOLE.test(source ?? '')
        ? source
        : value,
    );
  } catch (cause) {
    throw new InvalidRequestError('The body is nested too deep', { cause });
  }
}
