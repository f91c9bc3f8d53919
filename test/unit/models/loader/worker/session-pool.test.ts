import { expect, it, vi } from 'vitest';

import type { LoadEvent } from '../../../../../models/loader/load-event.ts';
import { openPool } from '../../../../../models/loader/worker/session-pool.ts';
import type { OwnedPool } from '../../../../../models/loader/worker/session-pool.ts';
import type { WorkerSession } from '../../../../../models/loader/worker/worker-session.ts';
import { turns } from '../../../../support/engine-fixture.ts';

/** A session whose process ends when the test says. */
interface FakeSession extends WorkerSession {
  readonly end: (reason: string) => void;
}

function fakeSession(pid: number): FakeSession {
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  return {
    inputs: [],
    outputs: [],
    run: async () => ({}),
    release: async () => end('released'),
    process: {
      pid,
      ask: async () => ({ message: { say: 'done' }, tensors: {} }),
      kill: end,
      ended,
    },
    end,
  };
}

interface Harness {
  readonly pool: OwnedPool;
  readonly first: FakeSession;
  readonly events: LoadEvent[];
  /** The waits before attempts so far, in milliseconds. */
  readonly waits: number[];
  /** Lets the attempt that goes on succeed, and returns its session; or fail. */
  readonly succeed: () => Promise<FakeSession>;
  readonly fail: () => Promise<void>;
}

function poolOf(size: number): Harness {
  const events: LoadEvent[] = [];
  const waits: number[] = [];
  const attempts: PromiseWithResolvers<WorkerSession>[] = [];
  const first = fakeSession(1);
  let pids = 1;
  const pool = openPool(first, {
    size,
    start: () => {
      const attempt = Promise.withResolvers<WorkerSession>();
      attempts.push(attempt);
      return attempt.promise;
    },
    backoff: {
      firstMs: 100,
      capMs: 5000,
      random: () => 1,
      sleep: async (ms) => void waits.push(ms),
    },
    onEvent: (event) => events.push(event),
  });
  return {
    pool,
    first,
    events,
    waits,
    async succeed() {
      await vi.waitUntil(() => attempts.length > 0);
      const session = fakeSession((pids += 1));
      attempts.shift()?.resolve(session);
      await turns();
      return session;
    },
    async fail() {
      await vi.waitUntil(() => attempts.length > 0);
      attempts.shift()?.reject(new Error('no memory'));
      await turns();
    },
  };
}

it('begins with the first session, and gets the others one after the other', async () => {
  const { pool, first, succeed, events } = poolOf(3);
  expect(pool.sessions()).toEqual([first]);

  pool.grow();
  const [second, third] = [await succeed(), await succeed()];

  expect(pool.sessions()).toEqual([first, second, third]);
  expect(events.map((event) => event.event === 'session-started' && event.sessions)).toEqual([
    1, 2, 3,
  ]);
});

it('makes a loss good at once, a second one after a wait, and tells everybody', async () => {
  const { pool, first, succeed, waits, events } = poolOf(1);
  const onChange = vi.fn<() => void>();
  pool.watch(onChange);

  first.end('was ended by SIGABRT');
  await turns();
  expect(pool.sessions()).toEqual([]);
  expect(onChange).toHaveBeenCalledTimes(1);
  const second = await succeed();
  expect(waits).toEqual([]);
  second.end('was ended by SIGABRT');
  const third = await succeed();
  third.end('was ended by SIGABRT');
  await succeed();

  expect(waits).toEqual([100, 200]);
  expect(onChange).toHaveBeenCalledTimes(6);
  expect(events).toContainEqual({
    event: 'session-lost',
    reason: 'was ended by SIGABRT',
    sessions: 0,
  });
});

it('forgets losses that lie a long life back', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const { first, succeed, waits } = poolOf(1);
    first.end('was ended by SIGKILL');
    vi.advanceTimersByTime(1000);
    const second = await succeed();
    vi.advanceTimersByTime(11_000);
    second.end('was ended by SIGKILL');
    await succeed();

    expect(waits).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

it('is out of order once an attempt has failed while nothing runs, until one succeeds', async () => {
  const { pool, first, succeed, fail, events, waits } = poolOf(2);
  pool.grow();
  const second = await succeed();
  first.end('was ended by SIGKILL');
  await fail();
  expect(pool.outage()).toBeUndefined();
  second.end('was ended by SIGKILL');
  await fail();

  expect(pool.outage()?.retryInMs).toBeGreaterThan(0);
  expect(events.filter(({ event }) => event === 'session-failed')).toHaveLength(2);
  await succeed();

  expect(pool.outage()).toBeUndefined();
  expect(waits.slice(0, 2)).toEqual([100, 200]);
});

it.each([
  ['losses, up to a second', 8, false, [100, 200, 400, 800, 1000, 1000, 1000]],
  ['failed attempts, up to the cap', 8, true, [100, 200, 400, 800, 1600, 3200, 5000, 5000]],
] as const)('waits longer and longer between %s', async (_what, count, attemptsFail, expected) => {
  const { first, succeed, fail, waits } = poolOf(1);
  first.end('was ended by SIGABRT');
  for (let time = 1; time <= count; time += 1) {
    if (attemptsFail) await fail();
    else (await succeed()).end('was ended by SIGABRT');
  }
  await turns();

  expect(waits.slice(0, expected.length)).toEqual(expected);
});

it('ends a session that is to be replaced, and no other', async () => {
  const { pool, first, succeed } = poolOf(2);
  pool.grow();
  const second = await succeed();

  pool.replace(first, 'ran for more than 1000 ms');
  await turns();
  expect(pool.sessions()).toEqual([second]);
  const third = await succeed();
  pool.replace(first, 'again');
  await turns();

  expect(pool.sessions()).toEqual([second, third]);
});

it('starts nothing more once it is closed, and ends what was being started', async () => {
  const { pool, first, succeed, events } = poolOf(2);
  pool.grow();
  await turns();
  const closed = pool.close();
  const late = await succeed();
  await closed;

  expect(await first.process.ended).toBe('released');
  expect(await late.process.ended).toBe('released');
  expect(events.map(({ event }) => event)).toEqual(['session-started']);
});
