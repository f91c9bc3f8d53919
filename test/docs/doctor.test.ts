import { expect, test } from 'vitest';

import { FINDINGS } from '../../scripts/doctor/findings.ts';
import { readPage } from './support/markdown.ts';

const page = readPage('docs/DOCTOR.md');

/** The rows of all tables on the page. */
function rows(): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll(String.raw`\|`, '|')));
}

test('the page has every finding of the table, and no other, word for word', () => {
  const inCode = Object.entries(FINDINGS).map(([code, { severity, what, why, fix }]) => [
    `\`${code}\``,
    severity,
    what,
    why,
    fix,
  ]);

  expect(rows()).toEqual(inCode);
});

test('codes are unique and in capitals; words end without a full stop', () => {
  expect(new Set(rows().map(([code]) => code)).size).toBe(rows().length);
  for (const [code, { what, why, fix }] of Object.entries(FINDINGS)) {
    expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
    for (const words of [what, why, fix]) expect(words).toMatch(/\w{3}.*[^.]$/);
  }
});
