import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import type { ServiceStatus, StandInStatus } from '../../../knative/local/status.ts';
import { quickScale } from '../../support/scale-settings.ts';
import { openRouter } from './open-router.ts';
import { runProgram } from '../../support/run-program.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/local');

/** Clients that ask one after the other until they are told to stop; every answer is checked. */
function startLoad(url: string, clients: number): { stop(): Promise<number> } {
  const over = new AbortController();
  let asked = 0;
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      asked += 1;
      const key = asked;
      const answer = await fetch(`${url}/double?key=${key}`);
      expect([answer.status, await answer.text()]).toEqual([200, String(2 * key)]);
    }
  };
  const done = Promise.all(Array.from({ length: clients }, client));
  done.catch(() => undefined);
  return {
    async stop() {
      over.abort();
      await done;
      return asked;
    },
  };
}

test('under load from zero to max-scale and back to zero, every answer right', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-load-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await using program = runProgram([join(FIXTURES, 'stand-in.ts'), join(FIXTURES, 'load')], {
    PORT: '0',
    S3_PORT: '0',
    PILOTLIGHT_DATA: dataDir,
  });
  const [, router = ''] = await program.wrote(/^router (http:\/\/localhost:\d+)$/m);
  const service = async (): Promise<ServiceStatus> => {
    const { services } = (await (await fetch(`${router}/_local`)).json()) as StandInStatus;
    const [only] = services;
    if (only === undefined) throw new TypeError('no Service');
    return only;
  };
  const scale = async (): Promise<unknown> => (await service()).revisions[0]?.scale;
  expect(await scale()).toEqual({ desired: 0, actual: 0 });

  const load = startLoad(`${router}/fixture`, 12);
  await expect.poll(scale, { timeout: 15_000 }).toEqual({ desired: 3, actual: 3 });
  const busy = await service();
  const answers = await load.stop();

  expect(new Set(busy.pids).size).toBe(3);
  // Two at most in each process; twelve clients keep the rest waiting.
  expect(busy.requests.active).toBeLessThanOrEqual(6);
  expect(busy.revisions[0]?.panic).toBe(true);
  expect(answers).toBeGreaterThan(100);
  await expect.poll(scale, { timeout: 40_000 }).toEqual({ desired: 0, actual: 0 });
  await expect.poll(async () => (await service()).pids, { timeout: 5000 }).toEqual([]);
  expect(program.output()).toMatch(/scale 0 → 1[^]*scale 1 → 3[^]*scale 3 → 1[^]*scale 1 → 0/);
}, 90_000);

test('kill -9 of one process loses what it worked on, nothing else, and it is replaced', async () => {
  await using local = await openRouter({
    containerConcurrency: 1,
    scale: quickScale({ minScale: 3, maxScale: 3 }),
  });
  local.service.open();
  await local.said('[local] ready', 3);
  const { pids } = local.scaler.status();
  const answers = ['a', 'b', 'c'].map(async (key) => {
    const answer = await fetch(`${local.url}/hold?key=${key}`);
    return `${answer.status} ${answer.headers.get('content-type')?.startsWith('application/json') === true ? 'error' : await answer.text()}`;
  });
  await local.said('holding', 3);
  // Three more wait for a place.
  const waiting = [1, 2, 3].map(async (key) =>
    (await fetch(`${local.url}/double?key=${key}`)).text(),
  );
  await expect.poll(() => local.scaler.status().requests).toEqual({ active: 3, held: 3 });

  const [victim = 0] = pids;
  process.kill(victim, 'SIGKILL');
  await local.said(`process ${victim} was ended by SIGKILL`);
  await local.said('[local] ready', 4);
  for (const port of local.ports()) {
    for (const key of ['a', 'b', 'c']) {
      await fetch(`http://127.0.0.1:${port}/release?key=${key}`).catch(() => undefined);
    }
  }

  expect((await Promise.all(answers)).filter((answer) => answer === '502 error')).toHaveLength(1);
  expect(
    (await Promise.all(answers)).filter((answer) => answer.startsWith('200 released ')),
  ).toHaveLength(2);
  expect(await Promise.all(waiting)).toEqual(['2', '4', '6']);
  expect(local.scaler.status().scale).toEqual({ desired: 3, actual: 3 });
});

test('kill -9 under load fails at most what that process worked on', async () => {
  await using local = await openRouter({
    containerConcurrency: 2,
    scale: quickScale({ minScale: 2, maxScale: 2 }),
  });
  local.service.open();
  await local.said('[local] ready', 2);
  const [victim = 0] = local.scaler.status().pids;
  const over = new AbortController();
  const statuses: number[] = [];
  const clients = Array.from({ length: 8 }, async (_, client) => {
    for (let count = 0; !over.signal.aborted; count += 1) {
      const key = client * 10_000 + count;
      const answer = await fetch(`${local.url}/double?key=${key}`);
      const text = await answer.text();
      statuses.push(answer.status);
      if (answer.status === 200) expect(text).toBe(String(2 * key));
    }
  });
  await expect.poll(() => statuses.length).toBeGreaterThan(20);

  process.kill(victim, 'SIGKILL');
  await local.said('[local] ready', 3);
  const before = statuses.length;
  await expect.poll(() => statuses.length).toBeGreaterThan(before + 20);
  over.abort();
  await Promise.all(clients);

  const failed = statuses.filter((status) => status !== 200);
  expect(new Set(failed).size === 0 || failed.every((status) => status === 502)).toBe(true);
  // Two in work, and as many that took their places before the news of its end had come.
  expect(failed.length).toBeLessThanOrEqual(4);
});
