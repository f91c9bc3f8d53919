import { expect, test } from 'vitest';

import type { ServiceSpec } from '../../../../knative/local/manifests/read-services.ts';
import type { ServiceChange } from '../../../../knative/local/traffic/update-services.ts';
import { oneAtATime, reload, type ReloadSteps } from '../../../../scripts/start/reload.ts';
import { patientScale } from '../../../support/scale-settings.ts';

const iris: ServiceSpec = {
  name: 'iris',
  namespace: 'dev',
  revisionName: undefined,
  traffic: [],
  template: {
    env: {},
    mounts: [],
    readiness: { kind: 'tcp' },
    scale: patientScale(),
    containerConcurrency: 0,
    timeoutMs: 1,
    responseStartTimeoutMs: 1,
  },
};

/** Steps in which nothing is new; what they say, and the updates that they were asked for. */
function steps(overrides: Partial<ReloadSteps> = {}, changes: readonly ServiceChange[] = []) {
  const said: string[] = [];
  const updates: string[][] = [];
  const made: ReloadSteps = {
    read: () => Promise.resolve([iris]),
    publish: () => Promise.resolve(),
    rebuild: () => Promise.resolve(false),
    update: (_, newCode) => {
      updates.push([...newCode]);
      return Promise.resolve(changes);
    },
    say: (line) => void said.push(line),
    ...overrides,
  };
  return { made, said, updates };
}

const never = new AbortController().signal;
const fail = (message: string) => () => Promise.reject(new Error(message));

test('nothing new is nothing said', async () => {
  const { made, said, updates } = steps({}, [{ service: 'iris', kind: 'unchanged' }]);

  await reload(made, new Set(), never);

  expect(said).toEqual([]);
  expect(updates).toEqual([[]]);
});

test('code that changed is taken over, and said', async () => {
  const { made, said, updates } = steps({ rebuild: () => Promise.resolve(true) }, [
    { service: 'iris', kind: 'updated', revision: 'iris-00002' },
  ]);
  const pending = new Set<string>();

  await reload(made, pending, never);

  expect(updates).toEqual([['iris']]);
  expect(said).toEqual(['iris: iris-00002 serves']);
  expect(pending.size).toBe(0);
});

test.each<[string, Partial<ReloadSteps>, string, number]>([
  [
    'a manifest that is half saved',
    { read: fail('bad yaml') },
    'Manifests not taken over: bad yaml',
    0,
  ],
  ['code that does not build', { rebuild: fail('no }') }, 'iris does not build: no }', 1],
  [
    'a model that differs',
    { publish: fail('is published') },
    'Models not published: is published',
    1,
  ],
])('%s is said; what serves goes on', async (_, overrides, message, updates) => {
  const made = steps(overrides);

  await reload(made.made, new Set(), never);

  expect(made.said).toEqual([`${message}\nWhat was there goes on serving.`]);
  expect(made.updates).toHaveLength(updates);
});

test('code that did not start is tried again with the next change', async () => {
  const pending = new Set<string>();
  const cause = new Error('exited with code 1');
  const broken = steps({ rebuild: () => Promise.resolve(true) }, [
    { service: 'iris', kind: 'refused', cause },
  ]);
  await reload(broken.made, pending, never);
  expect(broken.said[0]).toContain('iris not taken over: exited with code 1');

  const next = steps({}, [{ service: 'iris', kind: 'updated', revision: 'iris-00002' }]);
  await reload(next.made, pending, never);

  expect(next.updates).toEqual([['iris']]);
});

test('what a newer change gave up is not said', async () => {
  const newer = new AbortController();
  newer.abort();
  const cause = new Error('Something changed once more');
  const { made, said } = steps({}, [{ service: 'iris', kind: 'refused', cause }]);

  await reload(made, new Set(), newer.signal);

  expect(said).toEqual([]);
});

test('calls during a run abort it and make one more after it', async () => {
  const runs: { signal: AbortSignal; end: () => void }[] = [];
  const call = oneAtATime((signal) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    runs.push({ signal, end: resolve });
    return promise;
  });

  call();
  call();
  call();
  expect(runs.map(({ signal }) => signal.aborted)).toEqual([true]);
  runs[0]?.end();
  await expect.poll(() => runs.length).toBe(2);
  expect(runs[1]?.signal.aborted).toBe(false);
  runs[1]?.end();
  await Promise.resolve();

  call();
  await expect.poll(() => runs.length).toBe(3);
});
