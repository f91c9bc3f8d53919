import { afterEach, describe, expect, it, vi } from 'vitest';

import {
  InferenceError,
  InferenceTimeoutError,
  ModelLoadError,
} from '../../../../../functions/runtime/errors.ts';
import {
  NEVER_MS,
  answered,
  engineOf,
  failureOf,
  request,
  turns,
} from '../../../../support/engine-fixture.ts';
import { fakePool } from '../../../../support/fake-pool.ts';
import type { FakeWorker } from '../../../../support/fake-pool.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('several sessions', () => {
  it('share what waits, and run at once', async () => {
    const pool = fakePool(2);
    const engine = engineOf({ pool });
    const results = [1, 2, 3].map((value) => engine.infer(request([value])));
    await turns();

    expect(pool.workers.map(({ runs }) => runs)).toEqual([[[1, 2]], [[3]]]);

    for (const worker of pool.workers) worker.finish();
    expect(await Promise.all(results.map(answered))).toEqual([[2], [4], [6]]);
  });

  it('are used as soon as they join', async () => {
    const pool = fakePool(1);
    const engine = engineOf({ pool });
    const first = engine.infer(request([1]));
    await turns();
    const second = engine.infer(request([2]));
    await turns();
    expect(engine.queuedRows()).toBe(1);

    const joined = pool.join();
    await turns();

    expect(joined.runs).toEqual([[2]]);
    for (const worker of pool.workers) worker.finish();
    expect(await Promise.all([first, second].map(answered))).toEqual([[2], [4]]);
  });
});

describe('a process that ends in a run', () => {
  it('fails the only request of that run, and nobody waits for ever', async () => {
    const pool = fakePool(1);
    const engine = engineOf({ pool });
    const failed = failureOf(engine.infer(request([1, 2])));
    await turns();
    const waiting = engine.infer(request([3]));

    pool.lose(pool.workers[0] as FakeWorker);

    expect(await failed).toBeInstanceOf(InferenceError);
    expect(engine.isSound()).toBe(false);
    const next = pool.join();
    expect(engine.isSound()).toBe(true);
    await turns();
    next.finish();
    expect(await answered(waiting)).toEqual([6]);
  });

  it('fails only the request that ends it, which is found by running each alone', async () => {
    const pool = fakePool(1);
    const engine = engineOf({ pool });
    const results = [1, 13, 3].map((value) => engine.infer(request([value])));
    const failed = failureOf(results[1] as (typeof results)[number]);
    await turns();
    pool.lose(pool.workers[0] as FakeWorker);
    await turns();
    const second = pool.join();
    await turns();
    second.finish();
    await turns();
    expect(second.runs).toEqual([[1], [13]]);

    pool.lose(second);
    expect(await failed).toBeInstanceOf(InferenceError);
    const third = pool.join();
    await turns();
    third.finish();

    expect(third.runs).toEqual([[3]]);
    expect(await Promise.all([results[0], results[2]].map((one) => answered(one!)))).toEqual([
      [2],
      [6],
    ]);
  });

  it('leaves alone what it had not begun', async () => {
    const pool = fakePool(1);
    const engine = engineOf({ pool });
    const results = [1, 2, 3, 4].map((value) => engine.infer(request([value])));
    const failed = failureOf(results[0] as (typeof results)[number]);
    await turns();
    const [first] = pool.workers as [FakeWorker];
    // The batch fails, its first half fails, and in the first request by itself the process ends.
    first.fail();
    await turns();
    first.fail();
    await turns();
    pool.lose(first);
    await turns();

    expect(await failed).toBeInstanceOf(InferenceError);
    const next = pool.join();
    for (let run = 0; run < 3; run += 1) {
      await turns();
      next.finish();
    }
    expect(next.runs.flat()).toEqual([2, 3, 4]);
    expect(await Promise.all(results.slice(1).map(answered))).toEqual([[4], [6], [8]]);
  });
});

describe('a pool without sessions', () => {
  it('has requests wait while a session is on its way, and refuses them once an attempt failed', async () => {
    const pool = fakePool(0);
    const engine = engineOf({ pool });
    const waiting = failureOf(engine.infer(request([1])));
    await turns();
    expect(engine.queuedRows()).toBe(1);

    pool.failToReplace(2500);
    const refused = await failureOf(engine.infer(request([2])));

    for (const error of [await waiting, refused]) {
      expect(error).toBeInstanceOf(ModelLoadError);
      expect((error as ModelLoadError).retryAfterSeconds).toBe(3);
    }
    const worker = pool.join();
    const later = engine.infer(request([3]));
    await turns();
    worker.finish();
    expect(await answered(later)).toEqual([6]);
  });
});

describe('a session that does not come back', () => {
  it('answers 504 at the deadline, and is replaced when nobody can wait any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const pool = fakePool(1);
    const engine = engineOf({ pool }, { maxRunMs: 1000 });
    const late = failureOf(engine.infer(request([1], { deadlineMs: 500 })));
    await turns();

    await vi.advanceTimersByTimeAsync(500);
    expect(await late).toBeInstanceOf(InferenceTimeoutError);
    expect(pool.replaced).toEqual([]);
    await vi.advanceTimersByTimeAsync(500);

    expect(pool.replaced).toEqual(['ran for more than 1000 ms']);
  });

  it('is not bound by how soon its run had to begin', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const pool = fakePool(1);
    const engine = engineOf({ pool });
    const result = engine.infer(request([1], { deadlineMs: NEVER_MS, startByMs: 100 }));
    await turns();

    await vi.advanceTimersByTimeAsync(200);
    pool.workers[0]?.finish();

    expect(await answered(result)).toEqual([2]);
  });
});

describe('a session that fails its golden example', () => {
  it('is replaced, and the request gets no blame', async () => {
    const pool = fakePool(2);
    const engine = engineOf({ pool, proveGolden: () => Promise.reject(new Error('differs')) });
    const failed = failureOf(engine.infer(request([1])));
    await turns();

    pool.workers[0]?.fail();

    expect(await failed).toBeInstanceOf(InferenceError);
    expect(pool.replaced).toEqual(['failed its golden example']);
    expect(engine.isSound()).toBe(true);
  });
});
