import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { freePort } from '../../../knative/local/process/free-port.ts';
import { FINDINGS } from '../../../scripts/doctor/findings.ts';
import { runProgram } from '../../support/run-program.ts';
import { emptyFolder, listen, ROOT } from './support.ts';

const DOCTOR = join(ROOT, 'scripts/doctor.ts');

async function freePorts(): Promise<{ PORT: string; S3_PORT: string }> {
  return { PORT: String(await freePort()), S3_PORT: String(await freePort()) };
}

async function doctor(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | NodeJS.Signals; output: string }> {
  await using program = runProgram([DOCTOR, ...args], env);
  return { code: await program.ended, output: program.output() };
}

test('a machine with nothing but the clone: nothing fails, what is optional is skipped', async () => {
  const { code, output } = await doctor([], await freePorts());

  expect(output).not.toMatch(/^ {2}fail/m);
  expect(output).toMatch(/skip +API +skipped, because KUBECONFIG is not set/);
  expect(output).toMatch(/skip +object store +skipped, because S3_ENDPOINT is not set/);
  for (const group of ['machine', 'storage', 'models', 'manifests', 'cluster']) {
    expect(output).toMatch(new RegExp(`^${group}$`, 'm'));
  }
  expect(code).toBe(0);
});

test('a failure gives exit code 1, and only the group asked for is looked at', async () => {
  const { code, output } = await doctor(['--only', 'machine', '--json'], { PORT: 'many' });

  const report = JSON.parse(output) as { ok: boolean; results: Record<string, string>[] };
  expect(code).toBe(1);
  expect(report.ok).toBe(false);
  expect(new Set(report.results.map(({ group }) => group))).toEqual(new Set(['machine']));
  expect(report.results).toContainEqual(
    expect.objectContaining({
      code: 'SETTINGS_INVALID',
      status: 'fail',
      fix: FINDINGS.SETTINGS_INVALID.fix,
    }),
  );
});

test('a wrong argument gives exit code 64 and the usage', async () => {
  const { code, output } = await doctor(['--only', 'moon']);

  expect(code).toBe(64);
  expect(output).toContain('there is no group moon');
  expect(output).toContain('Usage: npm run doctor');
});

test.each([[], ['--json']])(
  'no secret is printed, not even when a server repeats it %s',
  async (...args) => {
    const secret = 'a-very-secret-key/with+signs';
    const { url } = await listen((_request, response) => {
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end(`<Error><Code>SignatureDoesNotMatch</Code><Message>${secret}</Message></Error>`);
    });

    const { output } = await doctor(['--only', 'storage', ...args], {
      S3_ENDPOINT: url,
      AWS_ACCESS_KEY_ID: 'some-access-key',
      AWS_SECRET_ACCESS_KEY: secret,
    });

    expect(output).toContain('S3_CREDENTIALS_REFUSED');
    expect(output).toContain('(hidden)');
    expect(output).not.toContain('very-secret');
  },
);

/** A copy of this clone's scripts without any package. */
async function bareClone(): Promise<string> {
  const root = await emptyFolder();
  for (const part of [
    'scripts',
    'functions',
    'knative',
    'models',
    'package.json',
    'package-lock.json',
  ]) {
    await cp(join(ROOT, part), join(root, part), { recursive: true });
  }
  return root;
}

test('without any package it says so, and what needs them says that it could not look', async () => {
  const root = await bareClone();

  await using program = runProgram([join(root, 'scripts/doctor.ts')], await freePorts());

  expect(await program.ended).toBe(1);
  expect(program.output()).toMatch(/fail +packages +PACKAGES_NOT_INSTALLED/);
  expect(program.output()).toMatch(/ok +Node +running on Node v24/);
  expect(program.output()).toMatch(/fail +ports +CHECK_FAILED/);
});

test('when packages cannot be installed, `npm run doctor` still comes to its words', async () => {
  const root = await bareClone();
  await writeFile(
    join(root, 'npm-cli.js'),
    'console.error("npm error no registry"); process.exit(7);',
  );
  // The Node that runs here stands for an installed one of the right version.
  await mkdir(join(root, 'node_modules/.bin'), { recursive: true });
  await symlink(process.execPath, join(root, 'node_modules/.bin/node'));

  await using program = runProgram([join(root, 'scripts/bootstrap.mjs'), 'doctor'], {
    ...(await freePorts()),
    npm_execpath: join(root, 'npm-cli.js'),
  });

  expect(await program.ended).toBe(1);
  expect(program.output()).toContain('npm error no registry');
  expect(program.output()).toMatch(/fail +packages +PACKAGES_OUT_OF_STEP/);
});
