import { bars, percent } from './bars.ts';
import type { Bar, Bars } from './bars.ts';
import { element, inWords, shortNumber } from './elements.ts';
import { plot } from './plot.ts';
import { amountOf, nameOf } from './quantity.ts';
import type { Values } from './request-of.ts';
import { isEnvelope, isSignal, signalPlots } from './signal-plot.ts';

/** What gives an answer's numbers their names. */
export interface AnswerContext {
  /** What was sent. */
  readonly values: Values;
  readonly labels: readonly string[];
  /** What the answer's fields mean. */
  readonly notes: Readonly<Record<string, string>>;
}

type Json = Readonly<Record<string, unknown>>;
type Scalar = string | number | boolean | null;

const ENVELOPE = ['model_name', 'model_version', 'request_id', 'processing_time_ms', 'batch_size'];
/** Fields that are what was asked for. */
const HEADLINES = ['prediction', 'label'];
const MAX_ROWS = 50;

/** An answer as bars, plots, tables and facts, by the shapes of its fields. */
export function showAnswer(answer: unknown, context: AnswerContext): HTMLElement[] {
  if (!isObject(answer)) return [];
  const { output, outputs } = answer;
  if (Array.isArray(outputs)) return outputs.flatMap((tensor) => showTensor(tensor, context));
  const fields = Object.entries(isObject(output) ? output : answer).filter(
    ([name]) => !ENVELOPE.includes(name),
  );
  const facts = fields.filter((field): field is [string, Scalar] => !(field[1] instanceof Object));
  return [
    ...signalPlots(fields),
    ...showFacts(facts, context),
    ...fields.flatMap(([name, value]) => showField(name, value, context)),
  ];
}

function showFacts(
  facts: readonly (readonly [string, Scalar])[],
  { notes }: AnswerContext,
): HTMLElement[] {
  if (facts.length === 0) return [];
  const headline = facts.find(([name]) => HEADLINES.includes(name));
  const others = facts.filter((fact) => fact !== headline);
  return [
    ...(headline === undefined
      ? []
      : [
          element('p', { class: 'headline', title: notes[headline[0]] ?? '' }, String(headline[1])),
        ]),
    ...(others.length === 0
      ? []
      : [
          element(
            'dl',
            {},
            ...others.flatMap(([name, value]) => [
              element('dt', { title: notes[name] ?? '' }, nameOf(name)),
              element('dd', {}, factText(name, value)),
            ]),
          ),
        ]),
  ];
}

function factText(name: string, value: Scalar): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'number') return value ?? '–';
  return name === 'confidence' ? percent(value) : amountOf(name, value);
}

function showField(name: string, value: unknown, context: AnswerContext): HTMLElement[] {
  if (isEnvelope(value)) return [];
  const title = inWords(name);
  const entries = barsOf(value, context);
  if (entries !== undefined) return [bars(title, context.notes[name] ?? '', entries)];
  if (!Array.isArray(value) || isSignal(value)) return [];
  const [first] = value as unknown[];
  if (isObject(first)) return [table(title, value as Json[])];
  if (Array.isArray(first)) {
    return [element('p', {}, `${title}: ${value.length} lists of ${first.length} numbers`)];
  }
  return value.length === 0 ? [] : [element('p', {}, `${title}: ${value.join(', ')}`)];
}

/** The bars that a value stands for: numbers by name, scored labels, or a number for each thing with a name. */
function barsOf(value: unknown, { values, labels }: AnswerContext): Bars | undefined {
  if (isObject(value)) {
    const entries = Object.entries(value);
    return entries.length > 0 && entries.every(([, one]) => typeof one === 'number')
      ? sharesOrNot(entries as Bar[])
      : undefined;
  }
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (value.every((one) => isObject(one) && 'label' in one && typeof one['score'] === 'number')) {
    const scored = (value as Json[]).map((one): Bar => [
      String(one['label']),
      Number(one['score']),
    ]);
    return { entries: scored, isShare: scored.every(([, score]) => score >= 0 && score <= 1) };
  }
  if (!value.every((one) => typeof one === 'number')) return undefined;
  const named = [...Object.values(values), labels].find(
    (names) => Array.isArray(names) && names.length === value.length,
  ) as readonly string[] | undefined;
  return named && sharesOrNot(value.map((one: number, place) => [named[place] ?? '', one]));
}

/** Numbers that add up to one are shares of it. */
function sharesOrNot(entries: readonly Bar[]): Bars {
  const sum = entries.reduce((total, [, value]) => total + value, 0);
  return { entries, isShare: Math.abs(sum - 1) < 0.01 && entries.every(([, value]) => value >= 0) };
}

/** A tensor of the Open Inference Protocol. */
function showTensor(tensor: unknown, context: AnswerContext): HTMLElement[] {
  if (!isObject(tensor) || !Array.isArray(tensor['data'])) return [];
  const { name, datatype, shape, data } = tensor as Json & { readonly data: unknown[] };
  const title = `${String(name)}: ${String(datatype)} [${(shape as number[]).join(', ')}]`;
  // Bars are for scores; a list of whole numbers that happens to be as long is none.
  const entries = String(datatype).startsWith('FP')
    ? barsOf(data, { ...context, values: {} })
    : undefined;
  if (entries !== undefined) return [bars(title, '', entries)];
  if (isSignal(data)) return [plot({ title, series: [{ name: String(name), values: data }] })];
  const text = data
    .slice(0, MAX_ROWS)
    .map((one) => (typeof one === 'number' ? shortNumber(one) : String(one)));
  return [element('h4', {}, title), element('p', { class: 'values' }, text.join(', '))];
}

function table(title: string, rows: readonly Json[]): HTMLElement {
  const columns = Object.keys(rows[0] ?? {});
  const cell = (name: string, value: unknown): string =>
    typeof value === 'number'
      ? amountOf(name, value)
      : typeof value === 'string'
        ? value
        : JSON.stringify(value);
  const more = rows.length > MAX_ROWS ? ` (the first ${MAX_ROWS} of ${rows.length})` : '';
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title },
    element(
      'table',
      {},
      element('caption', {}, title + more),
      element(
        'thead',
        {},
        element('tr', {}, ...columns.map((name) => element('th', { scope: 'col' }, nameOf(name)))),
      ),
      element(
        'tbody',
        {},
        ...rows
          .slice(0, MAX_ROWS)
          .map((row) =>
            element('tr', {}, ...columns.map((name) => element('td', {}, cell(name, row[name])))),
          ),
      ),
    ),
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
