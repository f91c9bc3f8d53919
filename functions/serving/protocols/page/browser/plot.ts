import { element, shortNumber, svgElement } from './elements.ts';

/** One line of a plot. */
export interface Series {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

/** A place on the horizontal axis, in its own unit. */
export interface Mark {
  readonly at: number;
  readonly label: string;
}

/** What to draw. */
export interface PlotOptions {
  readonly title: string;
  readonly series: readonly Series[];
  readonly marks?: readonly Mark[];
  /** From one value to the next, and in what. @default one, without a name */
  readonly step?: number;
  readonly unit?: string;
}

const WIDTH = 640;
const HEIGHT = 220;
const EDGE = { left: 52, right: 8, top: 8, bottom: 24 };

/** Lines over one axis, with a description in words. */
export function plot({ title, series, marks = [], step = 1, unit = '' }: PlotOptions): HTMLElement {
  const length = Math.max(...series.map(({ values }) => values.length));
  const [low, high] = rangeOf(series);
  const x = (place: number): number =>
    EDGE.left + (place / Math.max(1, length - 1)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (value: number): number =>
    EDGE.top + ((high - value) / (high - low || 1)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const end = (length - 1) * step;
  const text = (at: number, level: number, anchor: string, words: string): SVGTextElement =>
    svgElement('text', { x: at, y: level, 'text-anchor': anchor }, words);

  const drawing = svgElement(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: 'img',
      'aria-label':
        `${title}: ${series.map(({ name }) => name).join(', ')}; ${length} values ` +
        `from ${shortNumber(low)} to ${shortNumber(high)}${marks.length === 0 ? '' : `; ${marks.length} marks`}`,
    },
    ...[low, high].map((value) =>
      svgElement('line', {
        class: 'grid',
        x1: EDGE.left,
        x2: WIDTH - EDGE.right,
        y1: y(value),
        y2: y(value),
      }),
    ),
    text(EDGE.left - 6, y(high) + 10, 'end', shortNumber(high)),
    text(EDGE.left - 6, y(low), 'end', shortNumber(low)),
    text(EDGE.left, HEIGHT - 6, 'start', '0'),
    text(
      WIDTH - EDGE.right,
      HEIGHT - 6,
      'end',
      `${shortNumber(end)}${unit === '' ? '' : ` ${unit}`}`,
    ),
    ...marks.map(({ at, label }) =>
      svgElement(
        'line',
        {
          class: 'mark',
          x1: x(at / step),
          x2: x(at / step),
          y1: EDGE.top,
          y2: HEIGHT - EDGE.bottom,
        },
        svgElement('title', {}, label),
      ),
    ),
    ...series.map(({ values }, number) =>
      svgElement('path', { class: `line line-${number}`, d: pathOf(values, x, y) }),
    ),
  );
  const names = [...series.map(({ name }) => name), ...(marks.length === 0 ? [] : ['pulses'])];
  const legend = names.map((name, number) =>
    element('li', { class: number < series.length ? `line-${number}` : 'mark' }, name),
  );
  return element(
    'figure',
    { class: 'plot' },
    element('figcaption', {}, title, element('ul', { class: 'legend' }, ...legend)),
    drawing,
  );
}

function rangeOf(series: readonly Series[]): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { values } of series) {
    for (let place = 0; place < values.length; place += 1) {
      const value = values[place] ?? 0;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return Number.isFinite(low) ? [low, high] : [0, 1];
}

/** A line through the values; of many, the least and the greatest of each column of the drawing. */
function pathOf(
  values: ArrayLike<number>,
  x: (place: number) => number,
  y: (value: number) => number,
): string {
  const perColumn = Math.max(1, Math.floor(values.length / WIDTH));
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
