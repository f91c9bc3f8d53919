import { Agent } from 'node:http';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { ModelLoadError } from '../../../../../functions/runtime/errors.ts';
import type { ServiceSpec } from '../../../../../knative/local/manifests/read-services.ts';
import type {
  FunctionProcess,
  ProcessExit,
} from '../../../../../knative/local/process/function-process.ts';
import { ServiceScaler } from '../../../../../knative/local/scaler/service-scaler.ts';

const IDLE_MS = 30_000;
const never = new AbortController().signal;

const service = (overrides: Partial<ServiceSpec> = {}): ServiceSpec => ({
  name: 'fixture',
  namespace: 'tests',
  revision: 'fixture-00001',
  env: {},
  mounts: [],
  readiness: { kind: 'tcp' },
  minScale: 0,
  idleMs: IDLE_MS,
  containerConcurrency: 0,
  timeoutMs: 60_000,
  responseStartTimeoutMs: 60_000,
  ...overrides,
});

/** A process that is what the test says it is. */
interface FakeProcess extends FunctionProcess {
  becomeReady(): void;
  exit(exit?: Partial<ProcessExit>): void;
}

function fakeProcess(pid: number): FakeProcess {
  const ready = Promise.withResolvers<boolean>();
  const exited = Promise.withResolvers<ProcessExit>();
  const exit = (given: Partial<ProcessExit> = {}): void => {
    exited.resolve({ code: 0, signal: null, lastLine: '', ...given });
    ready.resolve(false);
  };
  return {
    pid,
    port: pid,
    metricsPort: undefined,
    agent: new Agent(),
    ready: ready.promise,
    exited: exited.promise,
    async stop() {
      exit({ code: null, signal: 'SIGTERM' });
      await exited.promise;
    },
    kill: exit,
    becomeReady: () => ready.resolve(true),
    exit,
  };
}

/** A scaler over fake processes, all of them in `started`. */
function open(overrides: Partial<ServiceSpec> = {}): {
  scaler: ServiceScaler;
  started: FakeProcess[];
} {
  const started: FakeProcess[] = [];
  const launch = (): Promise<FakeProcess> => {
    const launched = fakeProcess(started.length + 1);
    started.push(launched);
    return Promise.resolve(launched);
  };
  return { scaler: new ServiceScaler(service(overrides), launch, () => undefined), started };
}

/** Lets everything happen that waits for nothing but its turn. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the window begins with the end of the last request, however long that took', async () => {
  const { scaler, started } = open();
  const acquired = scaler.acquire(never);
  await settle();
  started[0]?.becomeReady();
  const lease = await acquired;

  await vi.advanceTimersByTimeAsync(10 * IDLE_MS);
  expect(scaler.status().state).toBe('ready');

  lease.release();
  await vi.advanceTimersByTimeAsync(IDLE_MS - 1);
  expect(scaler.status().state).toBe('ready');
  await vi.advanceTimersByTimeAsync(1);
  expect(scaler.status().state).toBe('zero');
});

test('a request within the window begins it anew', async () => {
  const { scaler, started } = open();
  const first = scaler.acquire(never);
  await settle();
  started[0]?.becomeReady();
  (await first).release();
  await vi.advanceTimersByTimeAsync(IDLE_MS - 1);
  (await scaler.acquire(never)).release();

  await vi.advanceTimersByTimeAsync(IDLE_MS - 1);

  expect(scaler.status().state).toBe('ready');
  expect(started).toHaveLength(1);
});

test('releasing a lease twice counts once', async () => {
  const { scaler, started } = open({ containerConcurrency: 1 });
  const first = scaler.acquire(never);
  await settle();
  started[0]?.becomeReady();
  const lease = await first;

  lease.release();
  lease.release();

  expect(scaler.status().requests).toEqual({ active: 0, held: 0 });
});

test('failed starts are tried again after 1, 2, 4, 8, 10, 10 seconds, not sooner', async () => {
  const { scaler, started } = open();
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
  const { scaler, started } = open();
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
  const scaler = new ServiceScaler(service(), launch, () => undefined);

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
  const { scaler, started } = open({ minScale: 1 });
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
  const scaler = new ServiceScaler(
    service(),
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
