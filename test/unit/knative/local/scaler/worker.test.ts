import { setImmediate as everythingElse } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { Worker } from '../../../../../knative/local/scaler/worker.ts';
import { fakeProcess, type FakeProcess } from '../../../../support/fake-scaler.ts';

/** A worker that is ready, with what it told. */
async function readyWorker(process: FakeProcess): Promise<{ worker: Worker; told: string[] }> {
  const told: string[] = [];
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const worker = new Worker(() => Promise.resolve(process), {
    ready: () => resolve(),
    released: () => void told.push('released'),
    gone: (_, reason) => void told.push(`gone: ${reason}`),
  });
  process.becomeReady();
  await ready;
  return { worker, told };
}

test('a retired worker takes nothing new and is stopped after its last request', async () => {
  const { worker, told } = await readyWorker(fakeProcess(1));
  const [first, second] = [worker.lease(), worker.lease()];

  worker.retire();
  expect(worker.lease()).toBeUndefined();
  first?.release();
  await everythingElse();
  expect(worker.state).toBe('draining');
  expect(told).toEqual(['released']);

  second?.release();
  await worker.gone;
  expect(told).toEqual(['released', 'released', 'gone: was ended by SIGTERM']);
});

test.each([
  ['that answers', true, 'ready'],
  ['that does not', false, 'exited'],
] as const)('after a broken connection a process %s is %3$s', async (_, isAlive, state) => {
  const asked = Promise.withResolvers<boolean>();
  const process = { ...fakeProcess(1), answers: () => asked.promise };
  const { worker, told } = await readyWorker(process);

  worker.lease()?.release(true);
  expect(worker.lease()).toBeUndefined();
  asked.resolve(isAlive);
  await asked.promise;
  await Promise.resolve();

  expect(worker.state).toBe(state);
  expect(worker.lease() === undefined).toBe(!isAlive);
  // Told once more, so that those who wait are served.
  expect(told).toHaveLength(isAlive ? 2 : 1);
});
