import type { Session, SessionPool } from '../../models/loader/loaded-model.ts';
import { SessionLostError } from '../../models/loader/loaded-model.ts';
import type { TensorMap } from '../../functions/runtime/tensor.ts';
import { doubled, valuesOf } from './fake-model.ts';

/** A session of a fake pool: runs are noted, and end when the test says. */
export interface FakeWorker extends Session {
  /** The first elements of `x` of each run. */
  readonly runs: number[][];
  /** Ends the oldest run with the right answer. */
  finish(): void;
  /** Ends the oldest run with an error of the model. */
  fail(): void;
}

/** A pool whose processes are the test. */
export interface FakePool extends SessionPool {
  /** Why sessions were replaced. */
  readonly replaced: string[];
  /** Adds a session. */
  join(): FakeWorker;
  /** Ends a session as a crash does. */
  lose(worker: Session): void;
  /** No session runs and none will before so many milliseconds. */
  failToReplace(retryInMs: number): void;
}

/** A pool of `size` sessions. */
export function fakePool(size: number): FakePool & { readonly workers: FakeWorker[] } {
  const workers: FakeWorker[] = [];
  const crashes = new Map<Session, () => void>();
  const replaced: string[] = [];
  let onChange = (): void => {};
  let outage: { retryInMs: number } | undefined;

  const join = (): FakeWorker => {
    const { worker, crash } = fakeWorker();
    workers.push(worker);
    crashes.set(worker, crash);
    outage = undefined;
    onChange();
    return worker;
  };
  const lose = (worker: Session): void => {
    workers.splice(workers.indexOf(worker as FakeWorker), 1);
    crashes.get(worker)?.();
    onChange();
  };
  for (let count = 0; count < size; count += 1) join();
  return {
    workers,
    size,
    replaced,
    sessions: () => workers,
    replace(session, reason) {
      replaced.push(reason);
      lose(session);
    },
    outage: () => outage,
    watch: (listener) => (onChange = listener),
    join,
    lose,
    failToReplace(retryInMs) {
      outage = { retryInMs };
      onChange();
    },
  };
}

function fakeWorker(): { readonly worker: FakeWorker; readonly crash: () => void } {
  const runs: number[][] = [];
  const pending: {
    readonly inputs: TensorMap;
    readonly resolve: (outputs: TensorMap) => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  let isLost = false;
  const lost = (): Error => new SessionLostError('ended');
  const worker: FakeWorker = {
    inputs: [],
    outputs: [],
    runs,
    run(inputs) {
      if (isLost) return Promise.reject(lost());
      runs.push(valuesOf(inputs['x']));
      return new Promise((resolve, reject) => pending.push({ inputs, resolve, reject }));
    },
    finish() {
      const run = pending.shift();
      if (run !== undefined) run.resolve(doubled(run.inputs));
    },
    fail: () => pending.shift()?.reject(new Error('index out of range in node 7')),
    release: async () => {},
  };
  const crash = (): void => {
    isLost = true;
    for (const run of pending.splice(0)) run.reject(lost());
  };
  return { worker, crash };
}
