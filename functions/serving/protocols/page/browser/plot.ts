import { element, shortNumber, svgElement } from './elements.ts';
import { withPrefix } from './quantity.ts';

/** One line of a plot, or a band. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
  /** The other edge of a band, as long as `values`. @default `values`, which makes a line */
  readonly lower?: readonly number[];
}

/** A place on the horizontal axis, in its own unit. */
export interface Mark {
  readonly at: number;
  readonly label: string;
}

/** What to draw, from behind to in front. */
export interface PlotOptions {
  readonly title: string;
  readonly series: readonly Series[];
  readonly marks?: { readonly name: string; readonly places: readonly Mark[] };
  /** From one value to the next, and in what. @default one, without a name */
  readonly step?: number;
  readonly unit?: string;
}

/** Drawings are as wide as their column is about, so that their texts are as large as others. */
const [WIDE, NARROW, IS_NARROW] = [480, 290, '(max-width: 30rem)'];
const HEIGHT = 210;
const EDGE = { left: 48, right: 6, top: 14, bottom: 22 };
const BOTTOM = HEIGHT - EDGE.bottom;
/** A mark is a triangle of this height above the drawing. */
const MARK = 8;

/** From a place and a value to the drawing. */
interface Scales {
  readonly right: number;
  readonly x: (place: number) => number;
  readonly y: (value: number) => number;
}

/** Lines and bands over one axis, with a description in words. */
export function plot({ title, series, marks, step = 1, unit = '' }: PlotOptions): HTMLElement {
  const length = Math.max(...series.map(({ values }) => values.length));
  const [low, high] = rangeOf(series);
  const width = matchMedia(IS_NARROW).matches ? NARROW : WIDE;
  const right = width - EDGE.right;
  const scales: Scales = {
    right,
    x: (place) => EDGE.left + (place / Math.max(1, length - 1)) * (right - EDGE.left),
    y: (value) => EDGE.top + ((high - value) / (high - low || 1)) * (BOTTOM - EDGE.top),
  };
  const places = marks?.places ?? [];
  const words = [
    `${title}: ${series.map(({ name }) => name).join(', ')}`,
    `${length} values from ${shortNumber(low)} to ${shortNumber(high)}`,
    ...(marks === undefined ? [] : [`${places.length} ${marks.name}`]),
  ];
  const drawing = svgElement(
    'svg',
    { viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-label': words.join('; ') },
    ...levels(low, high, scales),
    ...ends((length - 1) * step, unit, right),
    ...series.map(({ values, lower }, number) =>
      svgElement('path', {
        class: `line-${series.length - 1 - number}${lower === undefined ? ' line' : ' line band'}`,
        d: lower === undefined ? lineOf(values, scales) : bandOf(values, lower, scales),
      }),
    ),
    ...places.map(({ at, label }) => {
      const x = scales.x(at / step).toFixed(1);
      const d = `M${x} ${EDGE.top}l${-MARK / 2} ${-MARK}h${MARK}Z`;
      return svgElement('path', { class: 'mark', d }, svgElement('title', {}, label));
    }),
  );
  const legend = [
    ...series.map(({ name }, number) =>
      element('li', { class: `line-${series.length - 1 - number}` }, name),
    ),
    ...(marks === undefined ? [] : [element('li', { class: 'mark' }, marks.name)]),
  ];
  return element(
    'figure',
    { class: 'plot' },
    element('figcaption', {}, title, element('ul', { class: 'legend' }, ...legend)),
    drawing,
  );
}

/** Lines at the least value, at the greatest, and at zero where that lies well between them. */
function levels(low: number, high: number, { y, right }: Scales): SVGElement[] {
  const isFar = (value: number): boolean => Math.abs(y(value) - y(0)) > 14;
  const values = low < 0 && high > 0 && isFar(low) && isFar(high) ? [high, 0, low] : [high, low];
  return values.flatMap((value) => [
    svgElement('line', { class: 'grid', x1: EDGE.left, x2: right, y1: y(value), y2: y(value) }),
    svgElement(
      'text',
      { x: EDGE.left - 6, y: y(value) + 4, 'text-anchor': 'end' },
      shortNumber(Number(value.toPrecision(3))),
    ),
  ]);
}

function ends(end: number, unit: string, right: number): SVGElement[] {
  const words = unit === '' ? shortNumber(end) : withPrefix(end, unit);
  return [
    svgElement('text', { x: EDGE.left, y: HEIGHT - 6, 'text-anchor': 'start' }, '0'),
    svgElement('text', { x: right, y: HEIGHT - 6, 'text-anchor': 'end' }, words),
  ];
}

function rangeOf(series: readonly Series[]): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { values, lower = values } of series) {
    for (const value of lower) low = Math.min(low, value);
    for (const value of values) high = Math.max(high, value);
  }
  return Number.isFinite(low) ? [low, high] : [0, 1];
}

/** A line through the values; of many, the least and the greatest of each column of the drawing. */
function lineOf(values: readonly number[], { x, y, right }: Scales): string {
  const perColumn = Math.max(1, Math.floor(values.length / right));
  const points: string[] = [];
  for (let start = 0; start < values.length; start += perColumn) {
    const end = Math.min(values.length, start + perColumn);
    let [least, greatest] = [start, start];
    for (let place = start; place < end; place += 1) {
      if ((values[place] ?? 0) < (values[least] ?? 0)) least = place;
      if ((values[place] ?? 0) > (values[greatest] ?? 0)) greatest = place;
    }
    for (const place of new Set(least < greatest ? [least, greatest] : [greatest, least])) {
      points.push(`${x(place).toFixed(1)} ${y(values[place] ?? 0).toFixed(1)}`);
    }
  }
  return `M${points.join('L')}`;
}

/** There along the upper edge, and back along the lower one. */
function bandOf(upper: readonly number[], lower: readonly number[], { x, y }: Scales): string {
  const edge = (values: readonly number[]): string[] =>
    values.map((value, place) => `${x(place).toFixed(1)} ${y(value).toFixed(1)}`);
  return `M${[...edge(upper), ...edge(lower).toReversed()].join('L')}Z`;
}
