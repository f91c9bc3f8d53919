import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { quickScale } from '../../support/scale-settings.ts';
import { openRouter } from './open-router.ts';

/** A file that is not there yet, in a folder that goes with the test. */
async function absentFile(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-scaling-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  return join(dir, 'start');
}

async function who(url: string): Promise<{ pid: number; port: number; env: NodeJS.ProcessEnv }> {
  const response = await fetch(`${url}/who`);
  expect(response.status).toBe(200);
  return (await response.json()) as Awaited<ReturnType<typeof who>>;
}

test('nothing runs before the first request, which is held until the process is ready', async () => {
  const startFile = await absentFile();
  await using local = await openRouter({ env: { START_FILE: startFile } });
  expect(local.scaler.status()).toMatchObject({ state: 'zero', pids: [] });

  const answer = who(local.url);
  await local.said('listening');
  expect(local.scaler.status()).toMatchObject({
    state: 'starting',
    ready: false,
    requests: { active: 0, held: 1 },
  });
  await writeFile(startFile, '');

  const { pid } = await answer;
  expect(local.scaler.status()).toMatchObject({ state: 'ready', ready: true, pids: [pid] });
});

test('first requests that come together start one process', async () => {
  await using local = await openRouter();

  const answers = await Promise.all(Array.from({ length: 20 }, () => who(local.url)));

  expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
  expect(local.count('[local] starting')).toBe(1);
});

test('the process stops one window after its last request, and the next request starts another', async () => {
  await using local = await openRouter({ scale: quickScale() });
  const first = await who(local.url);

  await local.said('[local] stopped');
  expect(local.scaler.status()).toMatchObject({ state: 'zero', pids: [], ready: false });
  expect(local.count('got SIGTERM')).toBe(1);

  const second = await who(local.url);
  expect(second.pid).not.toBe(first.pid);
});

test('a request that comes while the process drains gets a new process', async () => {
  await using local = await openRouter({ scale: quickScale(), env: { ON_SIGTERM: 'hold' } });
  const first = await who(local.url);
  await local.said('got SIGTERM');
  expect(local.scaler.status().state).toBe('draining');

  const second = await who(local.url);

  expect(second.pid).not.toBe(first.pid);
  expect(local.scaler.status().pids).toEqual([second.pid, first.pid]);
  await fetch(`http://127.0.0.1:${first.port}/let-go`);
  await local.said('[local] stopped');
});

test('a process that ignores SIGTERM is killed after the timeout of its Service', async () => {
  await using local = await openRouter({
    scale: quickScale(),
    timeoutMs: 2000,
    env: { ON_SIGTERM: 'ignore' },
  });
  const { pid } = await who(local.url);

  await local.said('[local] stopped');

  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('min-scale 1 starts the process without a request and keeps it', async () => {
  await using local = await openRouter({ scale: quickScale({ minScale: 1 }) });

  local.scaler.open();
  await local.said('[local] ready');
  await who(local.url);

  expect(local.count('→ 0')).toBe(0);
  expect(local.scaler.status().state).toBe('ready');
});

test('a process has the environment of its manifest, of Knative and of this machine', async () => {
  await using local = await openRouter({
    env: {
      GREETING: 'hello',
      METRICS_PORT: '9464',
      CACHE: '/cache/models',
      KEY: '/s3/access-key-id',
    },
    mounts: [
      { mountPath: '/cache', content: { kind: 'empty' } },
      { mountPath: '/s3', content: { kind: 'secret', name: 's3-models' } },
    ],
  });
  process.env['LEAKED'] = 'no';

  const { env, port } = await who(local.url);

  expect(env).toMatchObject({
    GREETING: 'hello',
    K_SERVICE: 'fixture',
    K_REVISION: 'fixture-00001',
    K_CONFIGURATION: 'fixture',
    PORT: String(port),
    HOST: '127.0.0.1',
    S3_ENDPOINT: 'http://127.0.0.1:9',
  });
  expect(env['LEAKED']).toBeUndefined();
  expect(env['METRICS_PORT']).toBe(String(local.scaler.status().metricsPorts[0]));
  expect(env['METRICS_PORT']).not.toBe('9464');
  expect(env['CACHE']).toMatch(/^\/.+\/fixture-00001-.+\/models$/);
});

test('draining finishes the requests in flight and those still held, then takes no more', async () => {
  const startFile = await absentFile();
  await using local = await openRouter({ env: { START_FILE: startFile } });
  const held = fetch(`${local.url}/hold?key=late`);
  await local.said('listening');

  const drained = local.router.drain();
  await writeFile(startFile, '');
  await local.said('holding late');
  const [pid] = local.scaler.status().pids;
  await expect(fetch(`${local.url}/who`)).rejects.toThrow('fetch failed');
  await fetch(`http://127.0.0.1:${local.processPort()}/release?key=late`);

  expect(await (await held).text()).toBe('released late');
  await drained;
  await local.scaler.close();
  expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
});

test('draining does not wait for connections that never asked, as browsers open them', async () => {
  await using local = await openRouter();
  const silent = connect(local.port, '127.0.0.1');
  await once(silent, 'connect');
  const ended = once(silent, 'close');

  await local.router.drain();

  await expect(ended).resolves.toEqual([false]);
});
