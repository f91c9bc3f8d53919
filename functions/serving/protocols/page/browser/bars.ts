import { element, shortNumber } from './elements.ts';

/** One bar: what it stands for, and how much. */
export type Bar = readonly [label: string, value: number];

/** A longer one stands above its bar. */
const LONG_LABEL = 24;
/** More than that are no picture any more. */
const MAX_BARS = 20;

/** Things with a number each. */
export interface Bars {
  readonly entries: readonly Bar[];
  /** Whether the numbers are shares of one whole, of which some may be missing. */
  readonly isShare: boolean;
}

/** Bars of a table, the largest number first; where some are below zero, zero is in the middle. */
export function bars(title: string, note: string, { entries, isShare }: Bars): HTMLElement {
  const ordered = entries.toSorted(([, a], [, b]) => b - a);
  const isUpToOne = entries.every(([, value]) => Math.abs(value) <= 1);
  const largest = isUpToOne ? 1 : Math.max(...entries.map(([, value]) => Math.abs(value)));
  const lowest = entries.some(([, value]) => value < 0) ? -largest : 0;
  const place = (value: number): string => `${((value - lowest) / (largest - lowest)) * 100}%`;
  const amount = (value: number): string =>
    isShare ? percent(value) : isUpToOne ? value.toFixed(3) : shortNumber(value);
  const rows = ordered.slice(0, MAX_BARS).map(([label, value]) => {
    const bar = element('span', { class: value < 0 ? 'bar negative' : 'bar' });
    bar.style.setProperty('--from', place(Math.min(0, value)));
    bar.style.setProperty('--to', place(Math.max(0, value)));
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, label),
      element('td', { class: 'track', 'aria-hidden': 'true' }, bar),
      element('td', { class: 'amount' }, amount(value)),
    );
  });
  const rest = entries.length - rows.length;
  return element(
    'table',
    { class: entries.some(([label]) => label.length > LONG_LABEL) ? 'bars long' : 'bars' },
    element('caption', { title: note }, rest > 0 ? `${title} (${rest} more in the JSON)` : title),
    element('tbody', {}, ...rows),
  );
}

/** A share in per cent, honest near both ends. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  if (share < 1 && share > 0.999) return '> 99.9 %';
  return `${Number((share * 100).toFixed(1))} %`;
}
