import { execFileSync } from 'node:child_process';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { runProgram, type RunningProgram } from '../../support/run-program.ts';

const BOOTSTRAP = join(import.meta.dirname, '../../../scripts/bootstrap.mjs');
const LOCK = {
  packages: { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } },
};

/** Stands in for npm: installs what the lock file says, and writes down that it was asked to. */
const NPM = `
import { appendFileSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
if (existsSync('no-registry')) { console.error('npm error no registry'); process.exit(7); }
if (existsSync('node_modules')) rmSync('node_modules', { recursive: true });
mkdirSync('node_modules/.bin', { recursive: true });
symlinkSync(process.execPath, 'node_modules/.bin/node');
cpSync('package-lock.json', 'node_modules/.package-lock.json');
`;

/** A clone with a space in its path, whose `npm start` runs `script`. */
async function clone(script: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight clone '));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await mkdir(join(dir, 'scripts'));
  await cp(BOOTSTRAP, join(dir, 'scripts/bootstrap.mjs'));
  await writeFile(join(dir, 'package.json'), '{"type":"module"}');
  await writeFile(join(dir, 'package-lock.json'), JSON.stringify(LOCK));
  await writeFile(join(dir, 'npm-cli.js'), NPM);
  await writeFile(join(dir, 'scripts/start.ts'), script);
  return dir;
}

function bootstrap(
  dir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningProgram {
  return runProgram([join(dir, 'scripts/bootstrap.mjs'), ...args], {
    npm_execpath: join(dir, 'npm-cli.js'),
    ...env,
  });
}

async function npmCalls(dir: string): Promise<number> {
  const calls = await readFile(join(dir, 'npm-calls'), 'utf8').catch(() => '');
  return calls.split('\n').length - 1;
}

test('the first run installs, later ones do not until the lock file changes', async () => {
  const dir = await clone('console.log(JSON.stringify(process.argv.slice(2)))');

  await using first = bootstrap(dir, ['start', '--a', 'b c']);
  expect(await first.ended).toBe(0);
  expect(first.output()).toContain('Installing packages');
  expect(first.output()).toContain('["--a","b c"]');

  await using second = bootstrap(dir, ['start']);
  expect(await second.ended).toBe(0);
  expect(second.output()).toBe('[]\n');
  expect(await npmCalls(dir)).toBe(1);

  const changed = JSON.stringify(LOCK).replace('1.0.0', '1.0.1');
  await writeFile(join(dir, 'package-lock.json'), changed);
  await using third = bootstrap(dir, ['start']);
  expect(await third.ended).toBe(0);
  expect(await npmCalls(dir)).toBe(2);
});

test('optional packages of other systems need not be there, others do', async () => {
  const dir = await clone('');
  await using first = bootstrap(dir, ['start']);
  await first.ended;
  const packages = { ...LOCK.packages, 'node_modules/b': { version: '1.0.0', optional: true } };
  await writeFile(join(dir, 'package-lock.json'), JSON.stringify({ packages }));

  await using second = bootstrap(dir, ['start']);
  await second.ended;

  expect(await npmCalls(dir)).toBe(1);
});

test('first runs at the same time install once, and all of them run', async () => {
  const dir = await clone('console.log("ran")');

  const programs = [0, 1, 2].map(() => bootstrap(dir, ['start']));

  expect(await Promise.all(programs.map(({ ended }) => ended))).toEqual([0, 0, 0]);
  for (const program of programs) expect(program.output()).toContain('ran');
  expect(await npmCalls(dir)).toBe(1);
  expect(await readdir(join(dir, '.pilotlight'))).toEqual([]);
});

test('a lock whose holder was killed stops nobody', async () => {
  const dir = await clone('console.log("ran")');
  await mkdir(join(dir, '.pilotlight'));
  // Above the largest pid that Linux gives out.
  await writeFile(join(dir, '.pilotlight/install.lock'), '4194305');

  await using program = bootstrap(dir, ['start']);

  expect(await program.ended).toBe(0);
  expect(await readdir(join(dir, '.pilotlight'))).toEqual([]);
});

test('a failed install shows what npm said, exit 1', async () => {
  const dir = await clone('console.log("ran")');
  await writeFile(join(dir, 'no-registry'), '');

  await using program = bootstrap(dir, ['start']);

  expect(await program.ended).toBe(1);
  expect(program.output()).toContain('npm error no registry');
  expect(program.output()).toContain('failed with exit code 7');
  expect(program.output()).not.toContain('ran');
  expect(await readdir(join(dir, '.pilotlight'))).toEqual([]);
});

test('the pinned Node of the packages runs the script, first on its PATH', async () => {
  const dir = await clone('console.log(process.argv0, process.env.PATH)');
  await using install = bootstrap(dir, ['start']);
  await install.ended;
  const node = join(dir, 'node_modules/.bin/node');
  await rm(node);
  await writeFile(
    node,
    `#!/bin/sh\n[ "$1" = --version ] && echo v24.99.0 && exit\necho pinned: "$@"\n`,
  );
  await chmod(node, 0o755);

  await using program = bootstrap(dir, ['start', 'x']);
  await program.ended;

  expect(program.output()).toBe(`pinned: ${join(dir, 'scripts/start.ts')} x\n`);
});

test('a packaged Node that does not run here is passed over', async () => {
  const dir = await clone('console.log("ran")');
  await using install = bootstrap(dir, ['start']);
  await install.ended;
  await rm(join(dir, 'node_modules/.bin/node'));
  await symlink('/bin/false', join(dir, 'node_modules/.bin/node'));

  await using program = bootstrap(dir, ['start']);

  // These tests run on Node 24, which then serves.
  expect(await program.ended).toBe(0);
  expect(program.output()).toBe('ran\n');
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s is passed on, and the exit code of the script comes back',
  async (signal) => {
    const dir = await clone(
      `process.on('${signal}', () => { console.log('draining'); process.exit(5); });
       setInterval(() => undefined, 1000); console.log('up');`,
    );
    await using program = bootstrap(dir, ['start']);
    await program.wrote(/^up$/m);

    program.kill(signal);

    expect(await program.ended).toBe(5);
    expect(program.output()).toContain('draining');
  },
);

test.each(['SIGTERM', 'SIGKILL'] as const)(
  '%s to npm itself ends the script in order',
  async (signal) => {
    const dir = await clone(
      `process.on('SIGTERM', () => { console.log('draining'); process.exit(0); });
     setInterval(() => undefined, 1000); console.log('up');`,
    );
    await cp(join(BOOTSTRAP, '../../package.json'), join(dir, 'package.json'));
    await using first = bootstrap(dir, ['start']);
    await first.wrote(/^up$/m);
    first.kill('SIGTERM');
    await first.ended;
    const npm = execFileSync('sh', ['-c', 'realpath "$(command -v npm)"'], {
      encoding: 'utf8',
    }).trim();
    await using program = runProgram([npm, 'start', '--prefix', dir]);
    await program.wrote(/^up$/m);

    program.kill(signal);

    // Its output ends only with the last process that has it.
    expect(await program.ended).toBe(signal === 'SIGTERM' ? 0 : signal);
    expect(program.output()).toContain('draining');
  },
);

test('a script that is ended by a signal gives 128 and its number, as shells do', async () => {
  const dir = await clone('process.kill(process.pid, "SIGKILL")');

  await using program = bootstrap(dir, ['start']);

  expect(await program.ended).toBe(137);
});

test.each([[['strat']], [[]]])('%j is refused with what there is', async (args) => {
  const dir = await clone('');

  await using program = bootstrap(dir, args);

  expect(await program.ended).toBe(1);
  expect(program.output()).toContain('start|test');
  expect(await npmCalls(dir)).toBe(0);
});
