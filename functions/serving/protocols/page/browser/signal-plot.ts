import { inWords } from './elements.ts';
import { plot } from './plot.ts';
import type { Mark, Series } from './plot.ts';
import { amountOf, nameOf } from './quantity.ts';

type Json = Readonly<Record<string, unknown>>;
type Field = readonly [name: string, value: unknown];

/** Longer lists are lines of a plot. */
const LONG = 16;
/** More would cover what they point at. */
const MAX_MARKS = 400;

/**
 * The signals among the fields of an answer, as drawings: what says itself how to be drawn (`x_min` and `x_max` for
 * each signal `x`, of bins of `step_s` seconds), with a mark at each `position_s` of the answer's lists; otherwise long
 * lists of numbers.
 */
export function signalPlots(fields: readonly Field[]): HTMLElement[] {
  const envelopes = fields.filter((field): field is [string, Json] => isEnvelope(field[1]));
  if (envelopes.length > 0) {
    return envelopes.map(([, envelope]) => {
      const marks = marksOf(fields);
      return plot({
        title: 'Signals',
        series: bandsOf(envelope),
        step: Number(envelope['step_s']),
        unit: 's',
        ...(marks === undefined ? {} : { marks }),
      });
    });
  }
  const lines = fields.filter((field): field is [string, number[]] => isSignal(field[1]));
  if (lines.length === 0) return [];
  const series = lines.map(([name, values]) => ({ name: inWords(name), values }));
  return [plot({ title: 'Signals', series })];
}

/** Whether a value is a list of numbers too long to be read as such. */
export function isSignal(value: unknown): value is number[] {
  return isNumbers(value) && value.length > LONG;
}

/** Whether a value says how to draw signals. */
export function isEnvelope(value: unknown): value is Json {
  return isObject(value) && typeof value['step_s'] === 'number' && bandsOf(value).length > 0;
}

function bandsOf(envelope: Json): Series[] {
  return Object.entries(envelope).flatMap(([name, lower]) => {
    const signal = name.replace(/_min$/, '');
    const values = envelope[`${signal}_max`];
    const isBand = signal !== name && isNumbers(lower) && isNumbers(values);
    return isBand ? [{ name: inWords(signal), values, lower }] : [];
  });
}

/** A mark for each thing with a position, and what else is known of it. */
function marksOf(fields: readonly Field[]): { name: string; places: Mark[] } | undefined {
  const things = fields.find(
    (field): field is [string, Json[]] =>
      Array.isArray(field[1]) &&
      field[1].length > 0 &&
      field[1].every((one) => isObject(one) && typeof one['position_s'] === 'number'),
  );
  if (things === undefined) return undefined;
  const [name, list] = things;
  const places = list.slice(0, MAX_MARKS).map((one) => ({
    at: Number(one['position_s']),
    label: Object.entries(one)
      .map(([field, value]) => `${nameOf(field)} ${amountOf(field, Number(value))}`)
      .join(', '),
  }));
  return { name: inWords(name), places };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
