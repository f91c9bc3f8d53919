import { Agent } from 'node:http';

import { vi } from 'vitest';

import type { RevisionSpec } from '../../knative/local/manifests/read-services.ts';
import type { ScaleSettings } from '../../knative/local/manifests/scale-settings.ts';
import type { FunctionProcess, ProcessExit } from '../../knative/local/process/function-process.ts';
import { RevisionScaler } from '../../knative/local/scaler/revision-scaler.ts';
import type { Lease } from '../../knative/local/scaler/worker.ts';
import { patientScale } from './scale-settings.ts';

/** In milliseconds. */
export const SECOND = 1000;
/** A signal that is never aborted. */
export const never = new AbortController().signal;

/** Knative's own times: measured every second, decided every two. */
export const scale = (overrides: Partial<ScaleSettings> = {}): ScaleSettings =>
  patientScale({ windowMs: 30 * SECOND, panicWindowMs: 3 * SECOND, ...overrides });

/** A patient revision of tests. */
export const revision = (overrides: Partial<RevisionSpec> = {}): RevisionSpec => ({
  service: 'fixture',
  namespace: 'tests',
  name: 'fixture-00001',
  env: {},
  mounts: [],
  readiness: { kind: 'tcp' },
  scale: scale(),
  containerConcurrency: 0,
  timeoutMs: 60_000,
  responseStartTimeoutMs: 60_000,
  ...overrides,
});

/** A process that is what the test says it is. */
export interface FakeProcess extends FunctionProcess {
  becomeReady(): void;
  exit(exit?: Partial<ProcessExit>): void;
}

/** A process that is neither ready nor gone. */
export function fakeProcess(pid: number): FakeProcess {
  const ready = Promise.withResolvers<boolean>();
  const exited = Promise.withResolvers<ProcessExit>();
  const died = exited.promise.then(() => undefined);
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
    died,
    answers: () => Promise.resolve(false),
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
export function openScaler(overrides: Partial<RevisionSpec> = {}): {
  scaler: RevisionScaler;
  started: FakeProcess[];
} {
  const started: FakeProcess[] = [];
  const launch = (): Promise<FakeProcess> => {
    const launched = fakeProcess(started.length + 1);
    started.push(launched);
    return Promise.resolve(launched);
  };
  return { scaler: new RevisionScaler(revision(overrides), launch, () => undefined), started };
}

/** Lets everything happen that waits for nothing but its turn. */
export const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

/** A lease of a scaler whose first process becomes ready. */
export async function firstLease(scaler: RevisionScaler, started: FakeProcess[]): Promise<Lease> {
  const acquired = scaler.acquire(never);
  await settle();
  started[0]?.becomeReady();
  return acquired;
}
