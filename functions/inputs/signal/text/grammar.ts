import { InvalidRequestError } from '../../../runtime/errors.ts';

/** How the numbers of a text are written. */
export interface Grammar {
  /** What stands between whole numbers and their fractions. */
  readonly decimal: '.' | ',';
  /** Bytes before the first line of numbers: preambles, headers, remarks. */
  readonly start: number;
  /** The cells of the line right before the numbers, when there is one. */
  readonly header?: readonly string[];
}

/** More of a text need not be seen to tell how it is written. */
const HEAD_BYTES = 64 * 1024;
/** Oscilloscopes write up to some dozens of lines before the numbers. */
const MAX_PREAMBLE_LINES = 200;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[ed][+-]?\d+)?$/i;
/** Words that are numbers, if useless ones: they are refused as such, not taken for a header. */
const NOT_FINITE = /^[+-]?(?:nan|inf(?:inity)?)$/i;

/**
 * Reads off the first lines of a text how its numbers are written.
 *
 * A comma is the decimal sign when something else stands between numbers: a semicolon, a bar, a tab or a blank that no
 * comma goes before. Where only line ends could, `0,5` on each line is one number, unless what stands before
 * the commas counts up evenly, as times or places in a table do.
 * @throws {InvalidRequestError} When `1,234.5` stands between other separators: it could be one number or two.
 */
export function readGrammar(text: Buffer): Grammar {
  const whole = text.length <= HEAD_BYTES;
  const head = text.toString('latin1', 0, HEAD_BYTES);
  const lines = head.split('\n');
  // The last line may be cut off.
  if (!whole && lines.length > 1) lines.pop();
  let start = 0;
  let header: string[] | undefined;
  let first = 0;
  for (; first < Math.min(lines.length, MAX_PREAMBLE_LINES); first += 1) {
    const line = lines[first] ?? '';
    if (!isRemark(line)) {
      const cells = cellsOf(line);
      if (cells.every(isNumber)) break;
      header = cells;
    }
    start += line.length + 1;
  }
  const body = lines.slice(first).filter((line) => !isRemark(line));
  return {
    decimal: decimalOf(body),
    start: Math.min(start, text.length),
    ...(header === undefined ? {} : { header }),
  };
}

/** An empty line, or one that says by its first sign that it is no line of numbers. */
function isRemark(line: string): boolean {
  return /^\s*(?:[#%].*)?$/.test(line);
}

function cellsOf(line: string): string[] {
  const separator = /[;|\t]/.test(line) ? /[;|\t]/ : line.includes(',') ? ',' : /\s+/;
  return line.split(separator).map((cell) => cell.replaceAll(/["']/g, '').trim());
}

function isNumber(cell: string): boolean {
  return cell
    .split(/[\s,[\](){}]+/)
    .every((part) => part === '' || NUMBER.test(part) || NOT_FINITE.test(part));
}

function decimalOf(lines: readonly string[]): Grammar['decimal'] {
  const body = lines.join('\n');
  if (!body.includes(',')) return '.';
  if (/(?:^|[^\d.,])\d{1,3}(?:,\d{3})+\.\d*\s*[;|\t]/.test(body)) throw withThousands();
  if (body.includes('.')) return '.';
  const betweenDigits = !/,(?!\d)/.test(body);
  if (!betweenDigits) return '.';
  if (/[;|\t]/.test(body) || /\d +[+-]?\d/.test(body)) return ',';
  const pairs = lines.map((line) => /^\s*([+-]?\d+),\d+(?:e[+-]?\d+)?\s*$/i.exec(line)?.[1]);
  if (pairs.length < 2 || pairs.includes(undefined)) return '.';
  const firsts = pairs.map(Number);
  const step = (firsts[1] ?? 0) - (firsts[0] ?? 0);
  const isCounting =
    step > 0 && firsts.every((value, row) => row === 0 || value - (firsts[row - 1] ?? 0) === step);
  return isCounting ? '.' : ',';
}

function withThousands(): InvalidRequestError {
  return new InvalidRequestError(
    'Numbers with a comma at their thousands are not read: leave it out',
  );
}
