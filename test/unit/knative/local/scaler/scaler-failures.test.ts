import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { ModelLoadError } from '../../../../../functions/runtime/errors.ts';
import { RevisionScaler } from '../../../../../knative/local/scaler/revision-scaler.ts';
import {
  fakeProcess,
  never,
  openScaler,
  revision,
  scale,
  settle,
  type FakeProcess,
} from '../../../../support/fake-scaler.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('failed starts are tried again after 1, 2, 4, 8, 10, 10 seconds, not sooner', async () => {
  const { scaler, started } = openScaler();
  const fail = async (): Promise<unknown> => {
    const acquired = scaler.acquire(never).catch((cause: unknown) => cause);
    await settle();
    started.at(-1)?.exit({ code: 3, lastLine: 'no model' });
    return acquired;
  };

  for (const [failures, seconds] of [1, 2, 4, 8, 10, 10].entries()) {
    const error = await fail();
    expect(error).toBeInstanceOf(ModelLoadError);
    expect(error).toMatchObject({
      message: 'Cannot start fixture: exited with code 3: no model',
      retryAfterSeconds: seconds,
    });
    await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
    expect(await scaler.acquire(never).catch((cause: unknown) => cause)).toMatchObject({
      retryAfterSeconds: 1,
    });
    expect(started).toHaveLength(failures + 1);
    await vi.advanceTimersByTimeAsync(1);
  }
});

test('a start that succeeds forgets the failures before it', async () => {
  const { scaler, started } = openScaler();
  const failing = scaler.acquire(never);
  failing.catch(() => undefined);
  await settle();
  started[0]?.exit({ code: 3 });
  await expect(failing).rejects.toThrow('exited with code 3');
  expect(scaler.status().failure).toBe('exited with code 3');
  await vi.advanceTimersByTimeAsync(1000);

  const acquired = scaler.acquire(never);
  await settle();
  started[1]?.becomeReady();
  (await acquired).release();

  expect(scaler.status().failure).toBeNull();
});

test('a launch that fails is told to the request, and tried again later', async () => {
  let launches = 0;
  const launch = (): Promise<never> => {
    launches += 1;
    return Promise.reject(new Error('the bundle does not build'));
  };
  const scaler = new RevisionScaler(revision(), launch, () => undefined);

  await expect(scaler.acquire(never)).rejects.toThrow(
    'Cannot start fixture: the bundle does not build',
  );
  await expect(scaler.acquire(never)).rejects.toThrow('the bundle does not build');
  expect(launches).toBe(1);

  await vi.advanceTimersByTimeAsync(1000);
  await expect(scaler.acquire(never)).rejects.toThrow('does not build');
  expect(launches).toBe(2);
});

test('with min-scale 1 a process that exits is started again without a request', async () => {
  const { scaler, started } = openScaler({ scale: scale({ minScale: 1 }) });
  scaler.open();
  await settle();
  started[0]?.becomeReady();
  await settle();

  started[0]?.exit({ code: 1 });
  await vi.advanceTimersByTimeAsync(999);
  expect(started).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);

  expect(started).toHaveLength(2);
});

test('closing stops a process that was only just being launched', async () => {
  const launching = Promise.withResolvers<FakeProcess>();
  const scaler = new RevisionScaler(
    revision(),
    () => launching.promise,
    () => undefined,
  );
  const acquired = scaler.acquire(never).catch((cause: unknown) => cause);
  await settle();
  const closed = scaler.close();
  const process = fakeProcess(1);

  launching.resolve(process);

  await closed;
  await expect(process.exited).resolves.toMatchObject({ signal: 'SIGTERM' });
  expect(await acquired).toBeInstanceOf(ModelLoadError);
});

test('a new revision that is not ready within the progress deadline is given up', async () => {
  const { scaler } = openScaler({ scale: scale({ progressDeadlineMs: 20_000 }) });
  const proven = scaler.prove(never);
  proven.catch(() => undefined);

  await vi.advanceTimersByTimeAsync(20_000);

  await expect(proven).rejects.toThrow('Cannot start fixture-00001: not ready within 20 s');
});
