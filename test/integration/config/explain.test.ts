import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { expect, test } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../../scripts/config.ts');

function config(args: readonly string[], env: Record<string, string> = {}) {
  const { PATH = '' } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], {
    encoding: 'utf8',
    env: { PATH, ...env },
  });
  return { status, stdout, stderr, lines: stdout.split('\n').map((line) => line.split(/\s{2,}/)) };
}

test('every setting of a function is shown with its source', () => {
  const { status, lines, stdout } = config(['explain', 'iris']);

  expect(status).toBe(0);
  expect(stdout.startsWith('iris\n')).toBe(true);
  expect(lines).toContainEqual(['', 'FUNCTION_TARGET', 'iris', 'knative/base/iris/service.yaml']);
  expect(lines).toContainEqual(['', 'METRICS_PORT', '9464', 'knative/base/config.yaml']);
  expect(lines).toContainEqual(['', 'NODE_ENV', 'development', 'knative/overlays/dev/config.yaml']);
  expect(lines).toContainEqual(['', 'MAX_QUEUE_ROWS', '4096', 'default']);
});

test('the environment is above the files, and another overlay says other things', () => {
  const { lines } = config(['explain', 'iris', '--overlay', 'prod'], { LOG_LEVEL: 'debug' });

  expect(lines).toContainEqual(['', 'LOG_LEVEL', 'debug', 'environment']);
  expect(lines).toContainEqual(['', 'NODE_ENV', 'production', 'knative/overlays/prod/config.yaml']);
});

test('a faulty setting is said, and the end is 78', () => {
  const { status, stderr } = config(['explain', 'iris'], { LOG_LEVEL: 'loud' });

  expect(status).toBe(78);
  expect(stderr).toMatch(/^iris: LOG_LEVEL: .*"loud"$/m);
});

test.each<[what: string, args: string[], status: number, says: RegExp]>([
  ['no command', [], 64, /^Usage: /],
  ['an unknown option', ['explain', '--what'], 64, /^Usage: /],
  ['an unknown Service', ['explain', 'rose'], 64, /^No such Service: rose\. There are: .*iris/],
  ['an unknown overlay', ['explain', '--overlay', 'moon'], 78, /there is no kustomization\.yaml/],
])('%s is refused with words', (_what, args, status, says) => {
  const result = config(args);

  expect(result.status).toBe(status);
  expect(result.stderr).toMatch(says);
});
