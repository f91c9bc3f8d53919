import { inWords, shortNumber } from './elements.ts';

/** Endings of names that say a unit. */
const UNITS: Readonly<Record<string, string>> = { s: 's', hz: 'Hz', db: 'dB' };
/** From 10 to the -12 on, a thousand times as much each. */
const PREFIXES = ['p', 'n', 'µ', 'm', '', 'k', 'M', 'G', 'T'];
const NO_PREFIX = 4;
/** A line must not end between a number and its unit. */
const SPACE = '\u00a0';

/** A field by its name, without the unit that the name ends with. */
export function nameOf(field: string): string {
  return inWords(unitOf(field) === undefined ? field : field.slice(0, field.lastIndexOf('_')));
}

/** A number in the unit that its field's name ends with: `width_s` of 0.000002 is `2 µs`. */
export function amountOf(field: string, value: number): string {
  const unit = unitOf(field);
  if (unit === undefined) return shortNumber(value);
  // There are no thousands of decibels, which are a logarithm.
  if (unit === 'dB') return `${value.toFixed(1)}${SPACE}dB`;
  return withPrefix(value, unit);
}

/** A number and its unit with the prefix that leaves one to three digits before the point. */
export function withPrefix(value: number, unit: string): string {
  const thousands = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)) / 3);
  const place = Math.min(Math.max(NO_PREFIX + thousands, 0), PREFIXES.length - 1);
  const scaled = Number((value / 1000 ** (place - NO_PREFIX)).toPrecision(4));
  return `${shortNumber(scaled)}${SPACE}${PREFIXES[place] ?? ''}${unit}`;
}

function unitOf(field: string): string | undefined {
  const ending = field.slice(field.lastIndexOf('_') + 1);
  return field.includes('_') && Object.hasOwn(UNITS, ending) ? UNITS[ending] : undefined;
}
