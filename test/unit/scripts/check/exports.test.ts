import { expect, test } from 'vitest';

import { exportFaults } from '../../../../scripts/check/exports.ts';
import { parseModules } from '../../../../scripts/check/source-module.ts';

function faultsOf(text: string, path = 'functions/thing.ts'): string[] {
  return exportFaults(parseModules([{ path, text }]));
}

test.each([
  'export function run(): void {}',
  'export const run = 1;',
  'export interface Run {}',
  'export type Run = string;',
  'export class Run {}',
  '// not a doc comment\nexport const run = 1;',
  '/* nor this */\nexport const run = 1;',
  '/** Of another thing. */\nconst other = 1;\nexport const run = other;',
])('an export without a doc comment is a fault: %j', (text) => {
  expect(faultsOf(text)).toEqual([expect.stringMatching(/^functions\/thing\.ts:\d [Rr]un has no/)]);
});

test.each([
  '/** Runs. */\nexport function run(): void {}',
  '/**\n * Runs.\n */\nexport const run = 1;',
  '/** Runs. */\n// oxlint-disable-next-line no-console -- why\nexport const run = 1;',
  'function inner(): void {}',
])('this is none: %j', (text) => {
  expect(faultsOf(text)).toEqual([]);
});

test('tests and fixtures need none', () => {
  expect(faultsOf('export const x = 1;', 'test/unit/a.test.ts')).toEqual([]);
  expect(faultsOf('export const x = 1;', 'test/integration/build/fixtures/main.ts')).toEqual([]);
  expect(faultsOf('export const x = 1;', 'test/support/minio.ts')).toHaveLength(1);
});

test.each([
  `/** Runs. */\nexport { run } from './run.ts';`,
  `/** Runs. */\nexport * from './run.ts';`,
  `import { run } from './run.ts';\n/** Runs. */\nexport { run };`,
])('passing on what another file defines is a fault: %j', (text) => {
  expect(faultsOf(text)).toEqual([expect.stringContaining('which another file defines')]);
});
