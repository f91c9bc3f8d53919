import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import type { StandInStatus } from '../../../knative/local/status.ts';
import { storeSettings } from '../../../knative/local/storage.ts';
import { runProgram, type RunningProgram } from '../../support/run-program.ts';

const PROGRAM = join(import.meta.dirname, '../../fixtures/local/stand-in.ts');

async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-stand-in-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** A stand-in on free ports. */
function start(dataDir: string, env: Readonly<Record<string, string>> = {}): RunningProgram {
  return runProgram([PROGRAM], { PORT: '0', S3_PORT: '0', PILOTLIGHT_DATA: dataDir, ...env });
}

async function routerOf(program: RunningProgram): Promise<string> {
  const [, url = ''] = await program.wrote(/^router (http:\/\/localhost:\d+)$/m);
  return url;
}

async function statusOf(router: string): Promise<StandInStatus> {
  return (await (await fetch(`${router}/_local`)).json()) as StandInStatus;
}

interface Who {
  readonly pid: number;
  readonly port: number;
  readonly env: Record<string, string>;
}

async function who(router: string): Promise<Who> {
  return (await (await fetch(`${router}/fixture/who`)).json()) as Who;
}

/** Resolves when nothing listens on `port` any more: its process is gone. */
async function untilSilent(port: number): Promise<void> {
  await expect
    .poll(
      () =>
        fetch(`http://127.0.0.1:${port}/ready`).then(
          () => 'answers',
          () => 'silent',
        ),
      { timeout: 10_000 },
    )
    .toBe('silent');
}

test('it says where everything is, on the terminal and at /_local', async () => {
  const dataDir = await temporaryFolder();
  await using program = start(dataDir);
  const router = await routerOf(program);
  const [, s3] = await program.wrote(/^s3 (http:\/\/127\.0\.0\.1:\d+)$/m);

  expect(program.output()).toContain('a development stand-in');
  expect(await statusOf(router)).toEqual({
    router,
    broker: null,
    brokers: [],
    s3: {
      endpoint: s3,
      accessKeyId: expect.any(String) as unknown,
      secretAccessKey: expect.any(String) as unknown,
      region: 'us-east-1',
    },
    buckets: { data: 'data-dev', models: 'models' },
    tenant: 'dev',
    services: [
      {
        name: 'fixture',
        namespace: 'tests',
        url: `${router}/fixture`,
        host: router.replace('localhost', 'fixture.localhost'),
        revision: 'fixture-00001',
        state: 'zero',
        pids: [],
        ready: false,
        requests: { active: 0, held: 0 },
        failure: null,
        metrics: null,
        revisions: [
          {
            name: 'fixture-00001',
            percent: 100,
            tags: [],
            urls: [],
            state: 'zero',
            pids: [],
            ready: false,
            scale: { desired: 0, actual: 0 },
            panic: false,
            requests: { active: 0, held: 0 },
            failure: null,
            metrics: [],
          },
        ],
      },
    ],
  });

  const { pid, env } = await who(router);
  const [service] = (await statusOf(router)).services;
  expect(service).toMatchObject({
    state: 'ready',
    ready: true,
    pids: [pid],
    metrics: `http://127.0.0.1:${env['METRICS_PORT'] ?? ''}/metrics`,
  });
});

test('its store has the buckets, and processes get its address and keys', async () => {
  const dataDir = await temporaryFolder();
  await using program = start(dataDir);
  const router = await routerOf(program);
  const { s3 } = await statusOf(router);

  for (const bucket of ['models', 'data-dev']) {
    const store = openObjectStore(storeSettings(s3), bucket);
    await store.put('greeting', 'hello');
    expect(await store.head('greeting')).toMatchObject({ sizeBytes: 5 });
    store.close();
  }
  const { env } = await who(router);
  expect(env['S3_ENDPOINT']).toBe(s3.endpoint);
  const secret = await readFile(env['AWS_SECRET_ACCESS_KEY_FILE'] ?? '', 'utf8');
  expect(secret).toBe(s3.secretAccessKey);
});

test('two copies run side by side; each keeps its keys between runs, for its user only', async () => {
  const [one, two] = [await temporaryFolder(), await temporaryFolder()];
  await using first = start(one);
  await using second = start(two);
  const [routerOne, routerTwo] = [await routerOf(first), await routerOf(second)];

  expect((await who(routerOne)).pid).not.toBe((await who(routerTwo)).pid);
  const { s3 } = await statusOf(routerOne);
  expect((await statusOf(routerTwo)).s3.secretAccessKey).not.toBe(s3.secretAccessKey);
  expect((await stat(join(one, 's3-keys.json'))).mode & 0o777).toBe(0o600);

  first.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  await using again = start(one);
  expect((await statusOf(await routerOf(again))).s3.secretAccessKey).toBe(s3.secretAccessKey);
});

test.each(['PORT', 'S3_PORT'])('a taken %s is said plainly, exit 1', async (variable) => {
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;

  await using program = start(await temporaryFolder(), { [variable]: String(port) });

  expect(await program.ended).toBe(1);
  expect(program.output()).toBe(
    `Port ${port} is taken by another program. Choose another one: ${variable}=${port + 1} npm start\n`,
  );
});

test('a data folder that another copy uses is said plainly, exit 1', async () => {
  const dataDir = await temporaryFolder();
  await using first = start(dataDir);
  await routerOf(first);

  await using second = start(dataDir);

  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`${dataDir} is in use by another npm start`);
  expect(second.output()).toContain('PILOTLIGHT_DATA=');
});

test('Ctrl-C lets the request in flight finish, leaves no process and no file of a run, exit 0', async () => {
  const dataDir = await temporaryFolder();
  await using program = start(dataDir);
  const router = await routerOf(program);
  const { port } = await who(router);
  const held = fetch(`${router}/fixture/hold?key=last`);
  await program.wrote(/holding last/);

  program.kill('SIGINT');
  // npm and the bootstrap pass a signal on: what comes at once is not a second Ctrl-C. Another signal,
  // since the kernel makes one of two equal ones.
  program.kill('SIGTERM');
  await program.wrote(/Stopping/);
  await expect(fetch(`${router}/_local`)).rejects.toThrow('fetch failed');
  await fetch(`http://127.0.0.1:${port}/release?key=last`);

  expect(await (await held).text()).toBe('released last');
  expect(await program.ended).toBe(0);
  await untilSilent(port);
  expect(await readdir(join(dataDir, 'run'))).toEqual([]);
});

test('a second Ctrl-C ends the requests and the processes at once', async () => {
  await using program = start(await temporaryFolder());
  const router = await routerOf(program);
  const { port } = await who(router);
  const held = fetch(`${router}/fixture/hold?key=never`);
  held.catch(() => undefined);
  await program.wrote(/holding never/);

  program.kill('SIGINT');
  await program.wrote(/Stopping/);
  const again = setInterval(() => program.kill('SIGINT'), 100);
  onTestFinished(() => clearInterval(again));

  expect(await program.ended).toBe(130);
  await expect(held).rejects.toThrow('fetch failed');
  await untilSilent(port);
});

test('a stand-in that dies of SIGKILL leaves no process behind', async () => {
  const dataDir = await temporaryFolder();
  await using program = start(dataDir);
  const { port } = await who(await routerOf(program));

  program.kill('SIGKILL');

  expect(await program.ended).toBe('SIGKILL');
  await untilSilent(port);
  await using again = start(dataDir);
  await routerOf(again);
  expect(await readdir(join(dataDir, 'run'))).toEqual([String(again.pid)]);
});

test('it ends in order when its parent is gone', async () => {
  const parent = join(import.meta.dirname, '../../fixtures/local/parent.mjs');
  await using program = runProgram([parent, PROGRAM], {
    PORT: '0',
    S3_PORT: '0',
    PILOTLIGHT_DATA: await temporaryFolder(),
  });
  const { port } = await who(await routerOf(program));

  program.kill('SIGKILL');

  await program.ended;
  expect(program.output()).toContain('Stopping');
  await untilSilent(port);
});
