import type { NumberSink } from './scan.ts';

/** How the numbers of a text lie. */
export interface TextShape {
  readonly rows: number;
  /** Numbers on the first line. */
  readonly columns: number;
  /** Whether every line has as many. */
  readonly isRegular: boolean;
  /** All numbers. */
  readonly count: number;
  /** The first column, if it could be times or places. */
  readonly first: ColumnSteps;
}

/** What tells whether a column counts up evenly. */
export interface ColumnSteps {
  readonly start: number;
  readonly end: number;
  /** The largest distance of a value from where it would be, were all steps those of the first lines. */
  readonly smallestStep: number;
  readonly largestStep: number;
  /** Whether all of them are whole numbers. */
  readonly isWhole: boolean;
}

/** A sink that measures, and its result. */
export function createMeasure(): { readonly sink: NumberSink; readonly shape: () => TextShape } {
  let rows = 0;
  let columns = 0;
  let isRegular = true;
  let count = 0;
  let start = 0;
  let end = 0;
  let smallestStep = Infinity;
  let largestStep = -Infinity;
  let isWhole = true;
  return {
    sink: {
      value(value, column) {
        count += 1;
        if (column !== 0) return;
        if (rows === 0) start = value;
        else {
          smallestStep = Math.min(smallestStep, value - end);
          largestStep = Math.max(largestStep, value - end);
        }
        isWhole &&= Number.isInteger(value);
        end = value;
      },
      lineEnd(numbers) {
        if (rows === 0) columns = numbers;
        else isRegular &&= numbers === columns;
        rows += 1;
      },
    },
    shape: () => ({
      rows,
      columns,
      isRegular,
      count,
      first: { start, end, smallestStep, largestStep, isWhole },
    }),
  };
}
