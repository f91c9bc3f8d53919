import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import type { StandInStatus } from '../../../knative/local/status.ts';
import { storeSettings } from '../../../knative/local/storage.ts';
import { runProgram, type RunningProgram } from '../../support/run-program.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/local');
const KEY = 'in/iris/a file ü +%.csv';

async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-uploads-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

function start(overlay: string, dataDir: string): RunningProgram {
  return runProgram([join(FIXTURES, 'stand-in.ts'), join(FIXTURES, overlay)], {
    PORT: '0',
    S3_PORT: '0',
    PILOTLIGHT_DATA: dataDir,
  });
}

async function statusOf(program: RunningProgram): Promise<StandInStatus> {
  const [, router = ''] = await program.wrote(/^router (http:\/\/localhost:\d+)$/m);
  return (await (await fetch(`${router}/_local`)).json()) as StandInStatus;
}

async function upload(program: RunningProgram, ...keys: readonly string[]): Promise<void> {
  const { s3, buckets } = await statusOf(program);
  const store = openObjectStore(storeSettings(s3), buckets.data);
  for (const key of keys) await store.put(key, 'x');
  store.close();
}

test('an upload wakes the Service `uploads` and tells it, with the secret that it mounts', async () => {
  await using program = start('uploads', await temporaryFolder());

  await upload(program, 'out/other', KEY);
  await program.wrote(/uploads \| event/);

  expect(program.output()).toContain(`uploads | event 204 data-dev/${KEY}\n`);
  expect(program.output()).not.toContain('other');
  const { router, services } = await statusOf(program);
  expect(services[0]).toMatchObject({ name: 'uploads', state: 'ready' });
  const forged = await fetch(`${router}/uploads/s3-events`, {
    method: 'POST',
    body: '{}',
    headers: { authorization: 'Bearer guessed' },
  });
  expect(forged.status).toBe(401);
});

test('kill -9 loses no upload that was acknowledged: the next start tells of it', async () => {
  const dataDir = await temporaryFolder();
  {
    // The Service never gets ready, so it cannot have been told.
    await using program = start('uploads-held', dataDir);
    await upload(program, KEY);
    await program.wrote(/uploads \| listening/);
    program.kill('SIGKILL');
    expect(await program.ended).toBe('SIGKILL');
  }

  await using again = start('uploads', dataDir);
  await again.wrote(/event/);

  expect(again.output()).toContain(`event 204 data-dev/${KEY}\n`);
});

test('without that Service nobody is told, and nothing is kept for it', async () => {
  const dataDir = await temporaryFolder();
  {
    await using program = start('overlay', dataDir);
    await upload(program, KEY);
    program.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  }

  await using program = start('uploads', dataDir);
  await upload(program, 'in/later');
  await program.wrote(/event 204/);

  expect(program.output()).toContain('event 204 data-dev/in/later');
  expect(program.output()).not.toContain(KEY);
});
