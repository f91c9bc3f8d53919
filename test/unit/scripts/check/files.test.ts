import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { readClone } from '../../../../scripts/check/clone-files.ts';
import { lockFileFaults } from '../../../../scripts/check/lock-file.ts';
import { manifestFaults } from '../../../../scripts/check/manifests.ts';
import { strayTextFaults } from '../../../../scripts/check/stray-text.ts';
import { outdatedPages, PAGES } from '../../../../scripts/docs/pages.ts';

async function cloneOf(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'pilotlight-check-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

test('the clone is read whole, dot-files too, but not what git ignores nor what is no text', async () => {
  const root = await cloneOf({
    'README.md': '#',
    '.ci/run': '#!',
    'functions/a.ts': '1',
    'functions/node_modules/b.ts': '2',
    'dist/c.cjs': '3',
    'models/iris/model.onnx': '4',
  });

  expect(readClone(root)).toEqual([
    { path: '.ci/run', text: '#!' },
    { path: 'README.md', text: '#' },
    { path: 'functions/a.ts', text: '1' },
  ]);
});

test.each([
  ['home', 'somebody/project/file.ts'],
  ['Users', 'somebody/project'],
  ['root', 'project'],
])('a path in /%s/ is a stray text', (folder, rest) => {
  const text = `first\nreadFile('/${folder}/${rest}')\n`;

  expect(strayTextFaults([{ path: 'a.ts', text }])).toEqual([
    'a.ts:2 has the path of somebody’s home folder',
  ]);
  expect(
    strayTextFaults([{ path: 'a.ts', text: `https://example.org/${folder}/${rest}` }]),
  ).toEqual([]);
});

test('a mark of a merge conflict is a stray text', () => {
  const text = ['<', '=', '>'].map((mark) => `${mark.repeat(7)} branch`).join('\n');

  expect(strayTextFaults([{ path: 'a.md', text }])).toHaveLength(3);
});

test('a lock file may not name hosts, and must vouch for every package', () => {
  const packages = {
    '': {},
    'node_modules/ours': { resolved: 'scripts/ours', link: true },
    'node_modules/good': { integrity: 'sha512-x' },
    'node_modules/tied': { integrity: 'sha512-x', resolved: 'https://example.org/tied.tgz' },
    'node_modules/unvouched': {},
  };

  expect(lockFileFaults(JSON.stringify({ packages }))).toEqual([
    'package-lock.json node_modules/tied names the host https://example.org/tied.tgz',
    'package-lock.json node_modules/unvouched has no integrity',
  ]);
});

test('manifests must parse, and overlays must render to Services that the stand-in knows', async () => {
  const service = (field: string): string =>
    `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a, ${field}}\n`;
  const root = await cloneOf({
    'knative/base/broken.yaml': 'a: [1, 2',
    'knative/overlays/lost/kustomization.yaml': 'resources: [absent.yaml]',
    'knative/overlays/odd/kustomization.yaml': 'resources: [service.yaml]',
    'knative/overlays/odd/service.yaml': service('unheardOf: 1'),
  });

  expect(await manifestFaults(root, readClone(root))).toEqual([
    expect.stringMatching(/^knative\/base\/broken\.yaml: /),
    expect.stringMatching(/^knative\/overlays\/lost: .*absent\.yaml: there is no such file/),
    expect.stringMatching(/^knative\/overlays\/odd: [^]*unheardOf/),
  ]);
});

test('a generated page that is missing or differs is outdated', () => {
  const files = [...PAGES].map(([path, render]) => ({ path, text: render() }));

  expect(outdatedPages(files)).toEqual([]);
  expect(outdatedPages(files.map((file) => ({ ...file, text: `${file.text} ` })))).toHaveLength(
    PAGES.size,
  );
  expect(outdatedPages([])).toHaveLength(PAGES.size);
});
