import { expect, onTestFinished, test } from 'vitest';

import type { ServiceSpec } from '../../../../../knative/local/manifests/read-services.ts';
import { RevisionScaler } from '../../../../../knative/local/scaler/revision-scaler.ts';
import { LocalService } from '../../../../../knative/local/traffic/local-service.ts';
import {
  updateServices,
  type ServiceChange,
} from '../../../../../knative/local/traffic/update-services.ts';
import { fakeProcess, never, revision, type FakeProcess } from '../../../../support/fake-scaler.ts';

/** A Service whose processes are ready at once, unless its version is `never ready`. */
function spec(name: string, version = '1', more: Partial<ServiceSpec> = {}): ServiceSpec {
  const { service: _s, namespace, name: _n, ...template } = revision({ env: { VERSION: version } });
  const traffic = [{ revisionName: undefined, percent: 100, tag: undefined }];
  return { name, namespace, revisionName: undefined, template, traffic, ...more };
}

/** Services in which `specs` run, and how to change them. */
function open(...specs: readonly ServiceSpec[]) {
  const started: FakeProcess[] = [];
  const create = (one: ServiceSpec): LocalService =>
    new LocalService(one, {
      known: [],
      onRevision: () => undefined,
      random: () => 0.5,
      createScaler: (made) =>
        new RevisionScaler(
          made,
          () => {
            const process = fakeProcess(started.length + 1);
            started.push(process);
            if (made.env['VERSION'] !== 'never ready') process.becomeReady();
            return Promise.resolve(process);
          },
          () => undefined,
        ),
    });
  const services = new Map(specs.map((one) => [one.name, create(one)]));
  onTestFinished(async () => {
    await Promise.all([...services.values()].map((service) => service.close()));
  });
  return {
    services,
    started,
    update: (
      now: readonly ServiceSpec[],
      newCode: readonly string[] = [],
      signal?: AbortSignal,
    ): Promise<ServiceChange[]> =>
      updateServices(services, { specs: now, newCode: new Set(newCode), create, signal }),
  };
}

test('what did not change stays as it is', async () => {
  const { update } = open(spec('a'));

  expect(await update([spec('a')])).toEqual([{ service: 'a', kind: 'unchanged' }]);
});

test('a template, code or split that changed is taken over', async () => {
  const { update } = open(spec('a'), spec('b'), spec('c'));
  const tagged = [{ revisionName: undefined, percent: 100, tag: 'now' }];

  const changes = await update(
    [spec('a', '2'), spec('b'), spec('c', '1', { traffic: tagged })],
    ['b'],
  );

  expect(changes).toEqual([
    { service: 'a', kind: 'updated', revision: 'a-00002' },
    { service: 'b', kind: 'updated', revision: 'b-00002' },
    { service: 'c', kind: 'updated', revision: 'c-00001' },
  ]);
});

test('Services come and go; one that goes finishes its requests', async () => {
  const { services, started, update } = open(spec('old'));
  const lease = await services.get('old')?.choose(undefined).acquire(never);

  expect(await update([spec('new')])).toEqual([
    { service: 'old', kind: 'removed' },
    { service: 'new', kind: 'added' },
  ]);

  expect([...services.keys()]).toEqual(['new']);
  const [process] = started;
  const isGone = process?.exited.then(() => 'gone');
  expect(await Promise.race([isGone, Promise.resolve('there')])).toBe('there');
  lease?.release();
  expect(await isGone).toBe('gone');
});

test('a fault of one Service keeps back no other', async () => {
  const { services, update } = open(spec('a'), spec('b'));
  const traffic = [{ revisionName: 'a-00009', percent: 100, tag: undefined }];

  const changes = await update([spec('a', '2', { traffic }), spec('b', '2')]);

  expect(changes).toMatchObject([
    { service: 'a', kind: 'refused', cause: { name: 'RevisionError' } },
    { service: 'b', kind: 'updated', revision: 'b-00002' },
  ]);
  expect(services.get('a')?.latest.name).toBe('a-00001');
});

test('a new revision that is not ready is given up for a newer change', async () => {
  const { services, update } = open(spec('a'));
  const newer = new AbortController();
  const first = update([spec('a', 'never ready')], [], newer.signal);
  const second = update([spec('a', '3')]);

  newer.abort(new Error('Something changed once more'));

  expect(await first).toMatchObject([
    { kind: 'refused', cause: { message: 'Something changed once more' } },
  ]);
  expect(await second).toEqual([{ service: 'a', kind: 'updated', revision: 'a-00002' }]);
  expect(services.get('a')?.status()).toMatchObject([{ name: 'a-00002', percent: 100 }]);
});
