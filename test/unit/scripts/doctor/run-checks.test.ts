import { expect, test } from 'vitest';

import { type Check, found, ok, skipped } from '../../../../scripts/doctor/check.ts';
import { parseCommandLine, UsageError } from '../../../../scripts/doctor/command-line.ts';
import { secretHider } from '../../../../scripts/doctor/hide-secrets.ts';
import { hasErrors, jsonReport, textReport } from '../../../../scripts/doctor/report.ts';
import { runChecks } from '../../../../scripts/doctor/run-checks.ts';

const context = { root: '.', env: {} };
const check = (run: Check['run'], limitMs = 1000): Check => ({
  group: 'machine',
  name: 'one',
  limitMs,
  run,
});

test('CHECK_TIMED_OUT: a check that does not come back is given up, and told so', async () => {
  let isTold = false;
  const stuck = check(({ signal }) => {
    signal.addEventListener('abort', () => (isTold = true));
    return new Promise(() => undefined);
  }, 5);

  const reports = await runChecks([stuck, check(async () => [ok('fine')])], context);

  expect(reports.map(({ lines }) => lines)).toEqual([
    [found('CHECK_TIMED_OUT', 'no result within 0.005 s')],
    [ok('fine')],
  ]);
  expect(isTold).toBe(true);
});

test('CHECK_FAILED: a check that breaks does not break the others', async () => {
  const broken = check(async () => {
    throw new Error('boom');
  });

  const reports = await runChecks([broken, check(async () => [ok('fine')])], context);

  expect(reports.map(({ lines }) => lines)).toEqual([
    [found('CHECK_FAILED', 'boom')],
    [ok('fine')],
  ]);
});

test('checks run at the same time', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const waits = check(async () => {
    await promise;
    return [ok('met')];
  });
  const opens = check(async () => {
    resolve();
    return [ok('opened')];
  });

  const reports = await runChecks([waits, opens], context);

  expect(reports.map(({ lines }) => lines[0]?.text)).toEqual(['met', 'opened']);
});

test('the reports say status, code, why and fix, and count', () => {
  const reports = [
    {
      group: 'machine' as const,
      name: 'ports',
      durationMs: 1,
      lines: [ok('fine'), skipped('no reason'), found('PORT_TAKEN', 'PORT 8080')],
    },
  ];

  expect(textReport(reports)).toMatch(
    /^machine\n {2}ok +ports +fine\n {2}skip +ports +skipped, because no reason\n {2}fail +ports +PORT_TAKEN: .*: PORT 8080\n +why: .+\n +fix: .+\n\n1 ok, 0 info, 0 warnings, 1 failures, 1 skipped/,
  );
  expect(JSON.parse(jsonReport(reports))).toMatchObject({
    ok: false,
    counts: { ok: 1, fail: 1, skip: 1 },
    results: [{}, {}, { code: 'PORT_TAKEN', severity: 'error', status: 'fail', check: 'ports' }],
  });
  expect(hasErrors(reports)).toBe(true);
});

test('warnings are no errors', () => {
  const lines = [found('DATA_SPACE_LOW', '0 GiB'), found('PYTHON_MISSING', 'none')];

  expect(hasErrors([{ group: 'machine', name: 'x', durationMs: 1, lines }])).toBe(false);
});

test('secrets of the environment and users of URLs are hidden', () => {
  const hide = secretHider({
    AWS_SECRET_ACCESS_KEY: 'abcdef123',
    AWS_SECRET_ACCESS_KEY_FILE: '/secrets/key',
    REGISTRY_PASSWORD: 'hunter2hunter2',
    HOME: '/somewhere',
  });

  expect(hide('abcdef123 hunter2hunter2 /secrets/key /somewhere http://me:pw@host/x')).toBe(
    '(hidden) (hidden) /secrets/key /somewhere http://(hidden)@host/x',
  );
});

test('--only picks groups; a wrong one is refused', () => {
  expect(parseCommandLine(['--only', 'models', '--only', 'machine', '--json'])).toEqual({
    json: true,
    groups: ['machine', 'models'],
  });
  expect(parseCommandLine([])?.groups).toHaveLength(5);
  expect(parseCommandLine(['--help'])).toBeUndefined();
  expect(() => parseCommandLine(['--only', 'moon'])).toThrow(UsageError);
  expect(() => parseCommandLine(['--what'])).toThrow(UsageError);
});
