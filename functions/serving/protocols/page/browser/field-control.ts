import type { PageField } from '../page-facts.ts';
import { element, inWords, shortNumber } from './elements.ts';
import { fileInput } from './file-input.ts';
import type { Value } from './request-of.ts';

/** One field on the page. */
export interface FieldControl {
  readonly name: string;
  readonly root: HTMLElement;
  /** What is filled in; undefined when nothing is. */
  read(this: void): Value | undefined;
  /** Fills in a value of the sample. */
  fill(this: void, sample: unknown): void;
}

/** Texts that may be longer than that get more than one line. */
const ONE_LINE = 100;

/** The control of a field; `onChange` hears of every change. */
export function fieldControl(field: PageField, id: string, onChange: () => void): FieldControl {
  const { name, kind } = field;
  if (kind === 'file') return fileInput(field, id, onChange);
  const control = controlOf(field, id);
  control.addEventListener('input', onChange);
  const help = helpOf(field);
  const root = element(
    'div',
    { class: kind === 'switch' ? 'field switch' : 'field' },
    element('label', { for: id }, inWords(name)),
    control,
    element('p', { class: 'help', id: `${id}-help` }, help),
  );
  return {
    name,
    root,
    read: () => valueOf(field, control),
    fill: (sample) => {
      if (control instanceof HTMLInputElement && kind === 'switch')
        control.checked = sample === true;
      else control.value = textOfSample(kind, sample);
    },
  };
}

function textOfSample(kind: PageField['kind'], sample: unknown): string {
  if (kind === 'lines') return (sample as string[]).join('\n');
  if (kind !== 'json' || typeof sample === 'string') return String(sample);
  // With blanks between them, so that lines do not end within numbers.
  const isNumbers = Array.isArray(sample) && sample.every((one) => typeof one === 'number');
  return isNumbers ? `[${sample.join(', ')}]` : JSON.stringify(sample);
}

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function controlOf(field: PageField, id: string): Control {
  const common = { id, 'aria-describedby': `${id}-help`, 'aria-required': field.isRequired };
  const placeholder = field.initial === undefined ? '' : JSON.stringify(field.initial);
  switch (field.kind) {
    case 'number':
      return element('input', {
        ...common,
        type: 'number',
        step: field.isInteger === true ? 1 : 'any',
        min: field.min ?? false,
        max: field.max ?? false,
        placeholder,
      });
    case 'switch':
      return element('input', { ...common, type: 'checkbox', checked: field.initial === true });
    case 'choice': {
      const none = field.isRequired ? [] : [element('option', { value: '' }, placeholder || '–')];
      const options = (field.choices ?? []).map((choice) => element('option', {}, choice));
      return element('select', common, ...none, ...options);
    }
    case 'lines':
    case 'json':
      return element('textarea', {
        ...common,
        rows: field.kind === 'json' ? 8 : 4,
        spellcheck: false,
        class: field.kind,
      });
    case 'text':
    case 'file':
      return (field.maxLength ?? Infinity) > ONE_LINE
        ? element('textarea', { ...common, rows: 4 })
        : element('input', { ...common, type: 'text', placeholder });
  }
}

function valueOf({ kind, isRequired }: PageField, control: Control): Value | undefined {
  if (control instanceof HTMLInputElement && kind === 'switch') return control.checked;
  const { value } = control;
  if (kind === 'lines') {
    const lines = value.split('\n').filter((line) => line.trim() !== '');
    return lines.length === 0 ? undefined : lines;
  }
  // An empty text that must be there is a text; everything else that is empty is nothing.
  if (value === '' && !(kind === 'text' && isRequired)) return undefined;
  return kind === 'number' ? Number(value) : value;
}

function helpOf({ description, kind, min, max, isRequired, initial }: PageField): string {
  const range =
    min !== undefined && max !== undefined
      ? `${shortNumber(min)} to ${shortNumber(max)}`
      : min !== undefined
        ? `at least ${shortNumber(min)}`
        : max === undefined
          ? ''
          : `at most ${shortNumber(max)}`;
  const optional = isRequired || initial !== undefined || kind === 'switch' ? '' : 'optional';
  const lines = kind === 'lines' ? 'one per line' : '';
  return [description, range, lines, optional].filter((part) => part !== '').join(', ');
}
