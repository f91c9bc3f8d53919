import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

import { expect, test } from 'vitest';

import type { ServiceSpec, TrafficTarget } from '../../../knative/local/manifests/read-services.ts';
import { patientScale } from '../../support/scale-settings.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { fixtureService, openRouter, type TestRouter } from './open-router.ts';

const target = (given: Partial<TrafficTarget>): TrafficTarget => ({
  revisionName: undefined,
  percent: 0,
  tag: undefined,
  ...given,
});

/** The fixture Service with another template for each `name`. */
function version(name: string, traffic = [target({ percent: 100 })]): ServiceSpec {
  return fixtureService({ env: { VERSION: name } }, { traffic });
}

/** What the process that answers says of itself and of the request. */
async function whoAt(
  local: TestRouter,
  path: string,
  headers: Record<string, string>,
): Promise<{ env: { VERSION?: string }; headers: Record<string, string> }> {
  const sent = request({ host: '127.0.0.1', port: local.port, path, headers, agent: false });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  return (await json(answer)) as Awaited<ReturnType<typeof whoAt>>;
}

/** The `VERSION` of the revision that answers. */
async function versionAt(
  local: TestRouter,
  path: string,
  headers: Record<string, string> = {},
): Promise<string | undefined> {
  return (await whoAt(local, path, headers)).env.VERSION;
}

test('a changed template is a new revision, which takes over when it is ready', async () => {
  await using local = await openRouter({ env: { VERSION: 'one' } });
  const held = fetch(`${local.url}/hold?key=old`);
  await local.said('holding old');
  const [old = 0] = local.scaler.status().pids;

  const revision = await local.service.update(version('two'));

  expect(revision.name).toBe('fixture-00002');
  expect(await versionAt(local, '/fixture/who')).toBe('two');
  // The old one still has its request, and goes after it.
  expect(local.service.status()).toMatchObject([
    { name: 'fixture-00001', percent: 0, pids: [old], requests: { active: 1, held: 0 } },
    { name: 'fixture-00002', percent: 100, state: 'ready' },
  ]);
  await fetch(`http://127.0.0.1:${local.ports()[0] ?? 0}/release?key=old`);
  expect(await (await held).text()).toBe('released old');
  await local.said('[local] stopped: process');
  await expect.poll(() => local.service.status()).toMatchObject([{ name: 'fixture-00002' }]);
});

test('no request fails while one revision takes over from another', async () => {
  await using local = await openRouter({ env: { VERSION: '0' } });
  const over = new AbortController();
  const seen = new Set<string>();
  const clients = [1, 2, 3, 4].map(async () => {
    while (!over.signal.aborted) {
      const answer = await fetch(`${local.url}/who`);
      expect(answer.status).toBe(200);
      const { env } = (await answer.json()) as { env: { VERSION: string } };
      seen.add(env.VERSION);
    }
  });

  for (const next of ['1', '2', '3']) {
    await local.service.update(version(next));
    await expect.poll(() => [...seen]).toContain(next);
  }
  over.abort();
  await Promise.all(clients);

  expect([...seen]).toEqual(['0', '1', '2', '3']);
});

test('a revision that does not become ready gets nothing, the old one goes on serving', async () => {
  await using local = await openRouter({ env: { VERSION: 'one' } });
  await versionAt(local, '/fixture/who');

  const update = local.service.update(
    fixtureService({ env: { VERSION: 'two', CRASH: 'at start' } }),
  );

  await expect(update).rejects.toThrow('Cannot start fixture: exited with code 9: CRASH: at start');
  expect(await versionAt(local, '/fixture/who')).toBe('one');
  expect(local.service.status()).toMatchObject([{ name: 'fixture-00001', percent: 100 }]);

  // Its name is free for the next attempt.
  expect((await local.service.update(version('two'))).name).toBe('fixture-00002');
});

test('the same manifest again changes nothing', async () => {
  await using local = await openRouter({ env: { VERSION: 'one' } });
  await versionAt(local, '/fixture/who');
  const { pids } = local.scaler.status();

  expect((await local.service.update(version('one'))).name).toBe('fixture-00001');

  expect(local.scaler.status().pids).toEqual(pids);
  expect(local.count('[local] starting')).toBe(1);
});

test('new code is a new revision of the same template', async () => {
  await using local = await openRouter({ env: { VERSION: 'one' } });
  await versionAt(local, '/fixture/who');
  const { pids } = local.scaler.status();

  expect((await local.service.update(version('one'), true)).name).toBe('fixture-00002');

  expect(local.scaler.status().pids).not.toEqual(pids);
});

test('tags lead to a revision by host, by path and by header; others are split by percent', async () => {
  await using local = await openRouter({ env: { VERSION: 'one' } }, 'function.mjs', () => 0.5);
  await local.service.update(
    version('two', [
      target({ revisionName: 'fixture-00001', percent: 100, tag: 'stable' }),
      target({ tag: 'canary' }),
    ]),
  );

  const host = 'canary-fixture.localhost';
  expect(await versionAt(local, '/who', { host })).toBe('two');
  expect(await versionAt(local, '/who', { host: 'canary-fixture.tests.localhost:8080' })).toBe(
    'two',
  );
  expect(await versionAt(local, '/canary-fixture/who')).toBe('two');
  expect(await versionAt(local, '/stable-fixture/who')).toBe('one');
  expect(await versionAt(local, '/fixture/who', { 'knative-serving-tag': 'canary' })).toBe('two');
  expect(await versionAt(local, '/fixture/who', { 'knative-serving-tag': 'nothing' })).toBe('one');
  expect(await versionAt(local, '/fixture/who')).toBe('one');
  expect(local.service.status()).toMatchObject([
    { name: 'fixture-00001', percent: 100, tags: ['stable'] },
    { name: 'fixture-00002', percent: 0, tags: ['canary'] },
  ]);
});

test.each<[what: string, path: string, headers: Record<string, string>, told: object]>([
  ['no tag', '/fixture/who', {}, { route: 'true' }],
  ['the address of a tag', '/canary-fixture/who', {}, { tag: 'canary' }],
  [
    'the host of a tag, and a header with another',
    '/who',
    { host: 'canary-fixture.localhost', 'knative-serving-tag': 'stable' },
    { tag: 'canary' },
  ],
  ['a tag in the header', '/fixture/who', { 'knative-serving-tag': 'canary' }, { tag: 'canary' }],
  [
    'a tag that there is not',
    '/fixture/who',
    { 'knative-serving-tag': 'nothing' },
    { tag: 'nothing', route: 'true' },
  ],
])('the process is told of its tag and route: %s', async (_, path, headers, told) => {
  await using local = await openRouter({ env: { VERSION: 'one' } });
  await local.service.update(
    version('one', [target({ percent: 100, tag: 'stable' }), target({ tag: 'canary' })]),
  );

  const { headers: seen } = await whoAt(local, path, headers);

  expect({
    tag: seen['knative-serving-tag'],
    route: seen['knative-serving-default-route'],
  }).toEqual({ tag: undefined, route: undefined, ...told });
});

test('the split by percent is what the manifest says', async () => {
  await using local = await openRouter(
    { env: { VERSION: 'one' } },
    'function.mjs',
    seededRandom(4),
  );
  await local.service.update(
    version('two', [
      target({ revisionName: 'fixture-00001', percent: 80 }),
      target({ percent: 20 }),
    ]),
  );

  const counts: Record<string, number> = { one: 0, two: 0 };
  for (let count = 0; count < 400; count += 1) {
    const answered = (await versionAt(local, '/fixture/who')) ?? '';
    counts[answered] = (counts[answered] ?? 0) + 1;
  }

  // Three standard deviations, √(400 × 0.8 × 0.2) = 8 requests each.
  expect(counts['one']).toBeGreaterThan(320 - 24);
  expect(counts['one']).toBeLessThan(320 + 24);
  expect((counts['one'] ?? 0) + (counts['two'] ?? 0)).toBe(400);
});

test('traffic can go back to an earlier revision, which starts again', async () => {
  await using local = await openRouter({ env: { VERSION: 'one' } });
  await versionAt(local, '/fixture/who');
  await local.service.update(version('two'));
  await local.said('[local] stopped: process');

  await local.service.update(
    version('two', [target({ revisionName: 'fixture-00001', percent: 100 })]),
  );

  expect(await versionAt(local, '/fixture/who')).toBe('one');
  await local.said('[local] stopped: process', 2);
});

test('traffic to a revision that is not there is refused, and nothing changes', async () => {
  await using local = await openRouter({ env: { VERSION: 'one' } });

  const update = local.service.update(
    version('two', [target({ revisionName: 'fixture-00007', percent: 100 })]),
  );

  await expect(update).rejects.toThrow(
    'Service fixture: spec.traffic.0.revisionName: there is no revision fixture-00007 here; ' +
      'there are: fixture-00001, fixture-00002',
  );
  expect(await versionAt(local, '/fixture/who')).toBe('one');
  expect(local.count('[local] starting')).toBe(1);
});

test('a new revision has its initial scale, and min-scale holds only while traffic leads there', async () => {
  await using local = await openRouter({ scale: patientScale({ minScale: 1 }) });
  local.service.open();
  await local.said('[local] ready');

  await local.service.update(fixtureService({ scale: patientScale({ initialScale: 2 }) }));

  expect(local.scaler.status().scale).toEqual({ desired: 2, actual: 2 });
  await local.said('[local] stopped: process');
});
