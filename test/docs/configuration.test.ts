import { expect, test } from 'vitest';

import { environmentSchema, FILE_SETTINGS } from '../../functions/runtime/config.ts';
import { PAGES } from '../../scripts/docs/pages.ts';
import { readPage, tableRows } from './support/markdown.ts';

test.each([...PAGES])('%s is what the code says: npm run docs', (path, render) => {
  expect(readPage(path)).toBe(render());
});

test('docs/CONFIGURATION.md has every setting of a function, with a meaning', () => {
  const rows = tableRows(readPage('docs/CONFIGURATION.md'), 'Name');

  const names = rows.map((row) => (row['Name'] ?? '').split(' or '));
  expect(names.map(([name]) => name)).toEqual(Object.keys(environmentSchema.shape));
  expect(names.flatMap(([, file]) => file ?? [])).toEqual(
    FILE_SETTINGS.map((name) => `${name}_FILE`),
  );
  for (const row of rows) expect(row['What it does'], row['Name']).toMatch(/\w{3}/);
});
