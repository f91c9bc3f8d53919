import { fences } from './markdown.ts';

/** A block of commands on a page, and what the page says comes out of it. */
export interface Example {
  readonly line: number;
  readonly script: string;
  /** The JSON block right after it; undefined without one. */
  readonly output: unknown;
}

/** Commands that start what the examples are run against, or would run these very tests. */
const NOT_RUN = /^(npm (start|test|run check)\b|git clone\b|cd\b)/;

/** The `sh` blocks of a page, with the `json` block that follows each where one does. */
export function examplesOf(page: string): Example[] {
  const blocks = fences(page);
  return blocks.flatMap(({ language, text, line }, index) => {
    if (language !== 'sh') return [];
    const script = text
      .split('\n')
      .filter((command) => !NOT_RUN.test(command))
      .join('\n')
      .trim();
    const next = blocks[index + 1];
    const output: unknown = next?.language === 'json' ? JSON.parse(next.text) : undefined;
    return script === '' ? [] : [{ line, script, output }];
  });
}

/** What is wrong with what an example printed: another answer than the page shows, or an error. */
export function outputFaults({ output }: Pick<Example, 'output'>, printed: string): string[] {
  const actual = asJson(printed);
  if (output !== undefined) return differences(output, actual);
  return isObject(actual) && Object.hasOwn(actual, 'error') ? [`an error: ${printed}`] : [];
}

/** What stands in a page for a value that is different each time. */
const ANYTHING = '…';
/** Printed numbers are rounded. */
const TOLERANCE = 1e-6;

/**
 * Where `actual` is not what a page shows, as `path: what is wrong`. In the page `"…"` stands for any value,
 * as a key for any further keys, and as a list's last item for any further items. Times, which are fields
 * that end in `_ms`, need only be numbers.
 */
export function differences(shown: unknown, actual: unknown, path = '$'): string[] {
  if (shown === ANYTHING) return [];
  if (Array.isArray(shown) && Array.isArray(actual)) return listDifferences(shown, actual, path);
  if (isObject(shown) && isObject(actual)) return objectDifferences(shown, actual, path);
  if (typeof shown === 'number' && typeof actual === 'number') {
    const isTime = path.endsWith('_ms');
    const isClose = Math.abs(shown - actual) <= TOLERANCE * Math.max(1, Math.abs(shown));
    return isTime || isClose ? [] : [`${path}: ${shown} became ${actual}`];
  }
  return shown === actual ? [] : [`${path}: ${JSON.stringify(shown)} became ${quoted(actual)}`];
}

function listDifferences(
  shown: readonly unknown[],
  actual: readonly unknown[],
  path: string,
): string[] {
  const isOpen = shown.at(-1) === ANYTHING;
  const items = isOpen ? shown.slice(0, -1) : shown;
  const lengthIsRight = isOpen ? actual.length >= items.length : actual.length === items.length;
  return lengthIsRight
    ? items.flatMap((item, index) => differences(item, actual[index], `${path}[${index}]`))
    : [`${path}: ${items.length} items became ${actual.length}`];
}

function objectDifferences(
  shown: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, unknown>>,
  path: string,
): string[] {
  const keys = Object.keys(shown).filter((key) => key !== ANYTHING);
  const more = Object.hasOwn(shown, ANYTHING)
    ? []
    : Object.keys(actual).filter((key) => !Object.hasOwn(shown, key));
  return [
    ...more.map((key) => `${path}.${key}: is not on the page`),
    ...keys.flatMap((key) =>
      Object.hasOwn(actual, key)
        ? differences(shown[key], actual[key], `${path}.${key}`)
        : [`${path}.${key}: is missing`],
    ),
  ];
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quoted(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
