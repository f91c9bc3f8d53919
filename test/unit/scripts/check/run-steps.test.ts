import { expect, test } from 'vitest';

import { ownStep, programStep, runSteps, type Step } from '../../../../scripts/check/run-steps.ts';

async function said(...steps: Step[]): Promise<{ holds: boolean; text: string }> {
  let text = '';
  const holds = await runSteps(steps, (more) => (text += more));
  return { holds, text };
}

function program(name: string, code: string): Step {
  return programStep(name, '.', [process.execPath, '-e', code]);
}

test('when every step holds, each has one line with its time', async () => {
  const { holds, text } = await said(
    ownStep('rules', () => []),
    program('tool', 'console.log("chatter")'),
  );

  expect(holds).toBe(true);
  expect(text.split('\n').toSorted()).toEqual([
    '',
    expect.stringMatching(/^ok {5}rules +\d+\.\d s$/),
    expect.stringMatching(/^ok {5}tool +\d+\.\d s$/),
  ]);
});

test('what failed says what is wrong after all lines, and only that', async () => {
  const { holds, text } = await said(
    ownStep('rules', () => ['a.ts:1 is wrong', 'b.ts:2 is wrong']),
    program('tool', 'console.log("out"); console.error("err"); process.exitCode = 3'),
    program('killed', 'process.kill(process.pid, "SIGKILL")'),
    ownStep('breaks', () => Promise.reject(new Error('cannot read'))),
    program('quiet', 'console.log("chatter")'),
  );

  expect(holds).toBe(false);
  expect(text.match(/^FAILED \w+/gm)?.toSorted()).toEqual([
    'FAILED breaks',
    'FAILED killed',
    'FAILED rules',
    'FAILED tool',
  ]);
  expect(text).toContain('--- rules\na.ts:1 is wrong\nb.ts:2 is wrong\n');
  expect(text).toMatch(/--- tool\n(out\nerr|err\nout)\n.* ended with 3\n/);
  expect(text).toMatch(/--- killed\n\n.* ended with SIGKILL\n/);
  expect(text).toContain('--- breaks\nError: cannot read');
  expect(text).not.toContain('chatter');
  expect(text.indexOf('---')).toBeGreaterThan(text.indexOf('ok     quiet'));
});

test('a program that is not there is a failed step', async () => {
  const { holds, text } = await said(programStep('tool', '.', ['./no-such-program']));

  expect(holds).toBe(false);
  expect(text).toContain('ENOENT');
});
