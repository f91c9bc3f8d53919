import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { readClone } from '../../scripts/check/clone-files.ts';
import { CONFINED_PACKAGES, LAYERS } from '../../scripts/check/layers.ts';
import { readPage, ROOT, tableRows } from './support/markdown.ts';

const page = readPage('docs/ARCHITECTURE.md');

test('the table of layers is the one that imports are held to', () => {
  const onPage = tableRows(page, 'Layer').map((row) => ({
    name: row['Layer'],
    paths: row['Where'],
    mayImport: row['May import'],
  }));

  const inCode = LAYERS.map(({ name, paths, mayImport }) => ({
    name,
    paths: paths.join(' '),
    mayImport: ['support', 'test'].includes(name) ? 'everything' : mayImport.join(', ') || '–',
  }));
  expect(onPage).toEqual(inCode);
});

test('the page tells where the confined packages are', () => {
  const names = [
    'onnxruntime-node',
    '@google-cloud/functions-framework',
    '@aws-sdk',
    'prom-client',
  ];
  const places = names.map((name) => CONFINED_PACKAGES[name]?.[0] ?? name);

  for (const place of places) expect(page).toContain(place);
});

test('files that pages name are there', () => {
  const named = readClone(ROOT)
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap(({ path, text }) =>
      [
        ...text.matchAll(
          /(?<![\w./-])(?:functions|models|knative|scripts|test|docs)\/[\w./-]+\.\w+/g,
        ),
      ].map(([file]) => ({ path, file })),
    );

  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ file }) => !existsSync(join(ROOT, file)))).toEqual([]);
});
