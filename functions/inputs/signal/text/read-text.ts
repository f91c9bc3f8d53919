import { InvalidRequestError } from '../../../runtime/errors.ts';
import { checkSize, checkedSample } from '../recording.ts';
import type { Recording } from '../recording.ts';
import { decodeText } from './decode-text.ts';
import { readGrammar } from './grammar.ts';
import { createMeasure } from './measure.ts';
import { scanNumbers } from './scan.ts';
import { checkTime, timesOf } from './times.ts';
import type { Times } from './times.ts';

/**
 * What several numbers on each line are, when no header and no time column tells: a table with a channel in each
 * column, or one signal that goes on from line to line.
 */
export type TextLayout = 'table' | 'sequence';

/** A text with more columns than this is one signal, broken into lines. */
const MAX_COLUMNS = 64;

/**
 * Numbers as people and programs write them: one on each line or many, with commas, semicolons, tabs or blanks
 * between, with a decimal comma, with headers, with a column of times. Only the channel that is asked for is kept.
 * @throws {InvalidRequestError} When there is something else than numbers behind the headers, when times are not
 *   even, or there are too few numbers or too many.
 */
export async function readText(
  text: Buffer,
  { textLayout, channel }: { readonly textLayout: TextLayout; readonly channel: number },
): Promise<Recording> {
  const bytes = decodeText(text);
  const grammar = readGrammar(bytes);
  const measure = createMeasure();
  await scanNumbers(bytes, grammar, measure.sink);
  const shape = measure.shape();
  if (shape.count === 0) throw new InvalidRequestError('There are no numbers in the text');
  const isNamed = shape.columns > 1 && grammar.header?.length === shape.columns;
  if (isNamed && !shape.isRegular) throw unevenLines();
  const times: Times = shape.isRegular ? timesOf(grammar.header, shape) : { column: false };
  const isTable =
    shape.isRegular &&
    shape.rows > 1 &&
    shape.columns > 1 &&
    shape.columns <= MAX_COLUMNS &&
    (times.column || isNamed || textLayout === 'table');
  const samples = isTable ? shape.rows : shape.count;
  const firstChannel = isTable && times.column ? 1 : 0;
  const channels = isTable ? shape.columns - firstChannel : 1;
  checkSize(samples, channels);
  // A channel that is not there is refused by whoever asked for it.
  const column = Math.min(channel, channels - 1) + firstChannel;
  const wanted = isTable ? { column, grid: times.grid } : undefined;
  const values = await collect(bytes, grammar, samples, wanted);
  return {
    format: 'csv or text',
    channels,
    ...(times.hz === undefined ? {} : { rate: { hz: times.hz, from: 'time column' } }),
    channel: () => ({
      length: values.length,
      read(start, count, target) {
        target.set(values.subarray(start, start + count));
      },
    }),
  };
}

/** One column of a table; with `grid`, the first one is times that have to lie on it. */
interface WantedColumn {
  readonly column: number;
  readonly grid: Times['grid'] | undefined;
}

/** The numbers of one column, or all of them. */
async function collect(
  bytes: Buffer,
  grammar: Parameters<typeof scanNumbers>[1],
  count: number,
  wanted: WantedColumn | undefined,
): Promise<Float64Array> {
  const values = new Float64Array(count);
  let next = 0;
  await scanNumbers(bytes, grammar, {
    value(value, column) {
      if (column === 0 && wanted?.grid !== undefined) checkTime(value, next, wanted.grid);
      if (wanted !== undefined && column !== wanted.column) return;
      values[next] = checkedSample(value, next);
      next += 1;
    },
    lineEnd: () => {},
  });
  return values;
}

function unevenLines(): InvalidRequestError {
  return new InvalidRequestError('The lines of the table do not all have as many numbers');
}
