import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import type { StandInStatus } from '../../../knative/local/status.ts';
import { runProgram } from '../../support/run-program.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** A copy of this clone to change, with the packages of this one. */
async function copyClone(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-watch-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const files = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((name) => name !== '')) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    // A file that was removed and not committed yet is still listed.
    await cp(join(ROOT, file), join(dir, file)).catch(() => undefined);
  }
  await symlink(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  return dir;
}

async function replace(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

test('--watch takes over code and manifests under load, and keeps what serves when they are broken', async () => {
  const dir = await copyClone();
  await using program = runProgram([join(dir, 'scripts/start.ts'), '--watch'], {
    PORT: '0',
    S3_PORT: '0',
    PILOTLIGHT_DATA: join(dir, 'data'),
  });
  const [, router = ''] = await program.wrote(/^router (http:\S+)$/m);
  const sample = await readFile(join(dir, 'functions/iris/sample.json'), 'utf8');
  const over = new AbortController();
  let answers = 0;
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const answer = await fetch(`${router}/iris/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: sample,
      });
      expect([answer.status, await answer.json()]).toEqual([
        200,
        expect.objectContaining({ prediction: 'setosa' }),
      ]);
      answers += 1;
    }
  };
  const load = Promise.all([client(), client()]);
  load.catch(() => over.abort());
  await expect.poll(() => answers, { timeout: 20_000 }).toBeGreaterThan(5);

  // New code, which the API's description shows.
  const code = join(dir, 'functions/iris/request.ts');
  const openApi = async (): Promise<string> => (await fetch(`${router}/iris/openapi.json`)).text();
  expect(await openApi()).not.toContain('seen by --watch');
  await replace(code, 'Probability of', 'Probability seen by --watch of');
  await program.wrote(/^watch \| iris: iris-00002 serves$/m);
  expect(await openApi()).toContain('seen by --watch');

  // Half-saved code and a half-saved manifest.
  const good = await readFile(code, 'utf8');
  await writeFile(code, 'export const irisInstance = z.strictObject({');
  await program.wrote(/^watch \| iris does not build: /m);
  const manifest = join(dir, 'knative/base/iris/service.yaml');
  await replace(manifest, 'timeoutSeconds: 60\n', 'timeoutSecond: 60\n');
  await program.wrote(/^watch \| Manifests not taken over: .*timeoutSecond: is not a field/m);

  // The manifest is whole again and another one; the code still is not: its last good state serves.
  await replace(manifest, 'timeoutSecond: 60\n', 'timeoutSeconds: 61\n');
  await program.wrote(/^watch \| iris: iris-00003 serves$/m);
  await expect
    .poll(async () => {
      const answer = await fetch(`${router}/_local`);
      const { services } = (await answer.json()) as StandInStatus;
      const iris = services.find(({ name }) => name === 'iris');
      return iris?.revisions.map(({ name, percent, state }) => ({ name, percent, state }));
    })
    .toEqual([{ name: 'iris-00003', percent: 100, state: 'ready' }]);
  expect(await openApi()).toContain('seen by --watch');
  await writeFile(code, good.replace('seen by --watch', 'once more'));
  await program.wrote(/^watch \| iris: iris-00004 serves$/m);
  expect(await openApi()).toContain('once more');

  over.abort();
  await load;
  program.kill('SIGINT');
  expect(await program.ended).toBe(0);
}, 120_000);
