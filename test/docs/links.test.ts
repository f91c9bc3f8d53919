import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { expect, test } from 'vitest';

import { readClone } from '../../scripts/check/clone-files.ts';
import { proseOf, ROOT } from './support/markdown.ts';

const pages = readClone(ROOT).filter(({ path }) => path.endsWith('.md'));
const textOf = new Map(pages.map(({ path, text }) => [path, text]));

/** What a link of one page names in the clone: `[text](target)`, or `src="target"`. */
function targetsOf(text: string): string[] {
  const links = proseOf(text).matchAll(/\]\(([^)\s]+)[^)]*\)|\b(?:href|src)="([^"]+)"/g);
  return [...links]
    .map(([, markdown, html]) => markdown ?? html ?? '')
    .filter((target) => !/^(https?|mailto):/.test(target));
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const headings = text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#{1,6} +(.*)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

/** Why a link does not lead anywhere; undefined when it does. */
function faultOf(path: string, target: string): string | undefined {
  const [file = '', anchor] = target.split('#');
  const found = file === '' ? path : relative(ROOT, join(ROOT, dirname(path), file));
  if (!existsSync(join(ROOT, found))) return `${target}: there is no ${found}`;
  const isThere = anchor === undefined || anchorsOf(textOf.get(found) ?? '').includes(anchor);
  return isThere ? undefined : `${target}: ${found} has no such heading`;
}

test.each(pages.map(({ path }) => path))('the links of %s lead somewhere', (path) => {
  const faults = targetsOf(textOf.get(path) ?? '').map((target) => faultOf(path, target));

  expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
});

test('links that lead nowhere are found', () => {
  const text = '[a](missing.md) [b](docs/ERRORS.md#absent) [c](#absent) `[d](code.md)`';

  expect(targetsOf(text).map((target) => faultOf('CONTRIBUTING.md', target))).toEqual([
    'missing.md: there is no missing.md',
    'docs/ERRORS.md#absent: docs/ERRORS.md has no such heading',
    '#absent: CONTRIBUTING.md has no such heading',
  ]);
  expect(faultOf('CONTRIBUTING.md', 'docs/ERRORS.md#how-an-error-looks')).toBeUndefined();
});
