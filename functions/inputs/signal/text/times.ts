import { InvalidRequestError } from '../../../runtime/errors.ts';
import type { ColumnSteps, TextShape } from './measure.ts';

/** What the first column of a text is. */
export interface Times {
  /** Whether it is no channel: times, or the numbers of the lines. */
  readonly column: boolean;
  /** Samples per second, when it is times. */
  readonly hz?: number;
  /** Where each of them must be, nearly: a header says that they are times, so they are checked one by one. */
  readonly grid?: { readonly start: number; readonly step: number };
}

/** Names of units of time in headers, and what of a second they are. */
const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  ms: 1e-3,
  us: 1e-6,
  ns: 1e-9,
  ps: 1e-12,
};

/** Where no header says that it is times: how much a step may be off the mean one, as a share of it. */
const SLACK = 0.02;
/** Where one does, they may be rounded to few digits: how many steps a time may be off its place. */
const ROUNDING_STEPS = 1.01;

/**
 * Whether the first column is times or places. A header says so (`time`, `t (us)`, `index`), or, without one, steps
 * that are all the same: of exactly 1 from 0 or 1 on they are places, of anything else times in seconds.
 * @throws {InvalidRequestError} When a header says times and they do not rise.
 */
export function timesOf(header: readonly string[] | undefined, shape: TextShape): Times {
  const { columns, rows, first } = shape;
  if (columns < 2 || rows < 3) return { column: false };
  const name = header?.length === columns ? header[0] : undefined;
  const unit = name === undefined ? undefined : unitOf(name);
  if (unit !== undefined) {
    const step = meanStep(shape);
    if (!(step > 0)) throw notEven();
    return { column: true, hz: rateOfStep(step * unit), grid: { start: first.start, step } };
  }
  if (name !== undefined && /^(?:|#|index|idx|i|n|no|nr|sample|samples|point)$/i.test(name)) {
    return { column: true };
  }
  // What has a name of its own is a channel.
  if (name !== undefined && header?.some((cell) => !/^col(?:umn)?\d*$/i.test(cell)) === true) {
    return { column: false };
  }
  const mean = meanStep(shape);
  if (!(mean > 0) || !isEven(first, mean, SLACK)) return { column: false };
  const isPlaces = first.isWhole && mean === 1 && (first.start === 0 || first.start === 1);
  return isPlaces ? { column: true } : { column: true, hz: rateOfStep(mean) };
}

/** What of a second the unit is that a header names for times; undefined when it names none. */
function unitOf(name: string): number | undefined {
  const match =
    /^(?:timestamp|times|time|zeit|t)(?:(?:[\s_]+[[(]?|[[(/])\s*([a-z\xb5\xbc\xc2\xce]+)\s*[\])]?)?$/i.exec(
      name.trim(),
    );
  if (match === null) return undefined;
  // The sign for micro is two bytes in UTF-8, here read as two letters.
  const unit = (match[1] ?? '').toLowerCase().replace(/^[^a-z]+/, 'u');
  return unit === '' ? 1 : UNITS[unit];
}

/**
 * Checks a time against its place.
 * @throws {InvalidRequestError} When it is elsewhere.
 */
export function checkTime(
  time: number,
  row: number,
  { start, step }: NonNullable<Times['grid']>,
): void {
  if (!(Math.abs(time - (start + row * step)) <= ROUNDING_STEPS * step)) throw notEven();
}

function notEven(): InvalidRequestError {
  return new InvalidRequestError('The times in the first column do not rise in even steps');
}

function meanStep({ first, rows }: TextShape): number {
  return (first.end - first.start) / (rows - 1);
}

function isEven({ smallestStep, largestStep }: ColumnSteps, mean: number, slack: number): boolean {
  return smallestStep >= mean * (1 - slack) && largestStep <= mean * (1 + slack);
}

/** Without the last digits, which come of times being written in decimals. */
function rateOfStep(seconds: number): number {
  return Number((1 / seconds).toPrecision(12));
}
