import { globSync } from 'node:fs';
import { basename } from 'node:path';

import { expect, test } from 'vitest';

import { readPage, ROOT, tableRows } from './support/markdown.ts';

test('the tests that the failure tables name are there, and all of test/faults are named', () => {
  const page = readPage('docs/BATCH.md');
  const heads = ['What happens', 'What happens to an upload'];
  const rows = heads.flatMap((head) => tableRows(page, head));
  const named = rows.flatMap((row) => (row['Test'] ?? '').match(/[a-z-]+/g) ?? []);
  const names = (pattern: string): string[] =>
    globSync(pattern, { cwd: ROOT }).map((path) => basename(path, '.test.ts'));

  expect(rows.length).toBeGreaterThan(20);
  const known = names('test/{unit,integration,faults}/**/*.test.ts');
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
  const faults = names('test/faults/{jobs,uploads}/*.test.ts').filter(
    (name) => name !== 'random-faults',
  );
  expect(faults.filter((name) => !named.includes(name))).toEqual([]);
});
