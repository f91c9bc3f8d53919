import { expect, test } from 'vitest';

import * as errors from '../../functions/runtime/errors.ts';
import { readPage, tableRows } from './support/markdown.ts';

const { ERROR_TABLE, InferenceEngineError } = errors;
const page = readPage('docs/ERRORS.md');

/** Code of every class that a caller can meet; all take what the most demanding of them takes. */
function codesByClass(): Record<string, string> {
  const codes = Object.entries(errors).flatMap(([name, value]) => {
    if (typeof value !== 'function' || !(value.prototype instanceof InferenceEngineError))
      return [];
    const error = Reflect.construct(value, [
      ['why'],
      { permanent: false },
    ]) as errors.InferenceError;
    expect(error.name).toBe(name);
    return [[name, error.code]];
  });
  return Object.fromEntries(codes) as Record<string, string>;
}

test('the page has every code of the table, and no other, with its statuses', () => {
  const inCode = Object.entries(ERROR_TABLE).map(([code, { status, event, retriable }]) => ({
    Code: code,
    HTTP: String(status),
    Event: String(event),
    Retry: retriable ? 'yes' : 'no',
  }));

  const onPage = tableRows(page, 'Code').map(({ Code, HTTP, Event, Retry }) => ({
    Code,
    HTTP,
    Event,
    Retry,
  }));

  expect(onPage).toEqual(inCode);
});

test('the page names the class of every code, and no other', () => {
  const onPage = tableRows(page, 'Code').map(({ Class, Code }) => [Class, Code]);

  expect(Object.fromEntries(onPage)).toEqual(codesByClass());
});

test('every code says what it means and what to do', () => {
  for (const row of tableRows(page, 'Code')) {
    expect(row['What it means'], row['Code']).toMatch(/\w{3}/);
    expect(row['What to do'], row['Code']).toMatch(/\w{3}/);
  }
});

test('what Knative would retry on the event path is what a retry can mend', () => {
  const retried = (status: number): boolean =>
    [404, 408, 409, 429].includes(status) || status >= 500;
  const entries = Object.entries(ERROR_TABLE).filter(([code]) => code !== 'CONFIGURATION');

  for (const [code, { event, retriable }] of entries) expect(retried(event), code).toBe(retriable);
});
