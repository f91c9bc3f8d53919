import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Lease } from '../../../../../knative/local/scaler/worker.ts';
import {
  firstLease,
  never,
  openScaler,
  scale,
  SECOND,
  settle,
} from '../../../../support/fake-scaler.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a request keeps its process however long it takes; a window after it there is none', async () => {
  const { scaler, started } = openScaler();
  const lease = await firstLease(scaler, started);

  await vi.advanceTimersByTimeAsync(300 * SECOND);
  expect(scaler.status().state).toBe('ready');

  lease.release();
  await vi.advanceTimersByTimeAsync(29 * SECOND);
  expect(scaler.status().state).toBe('ready');
  await vi.advanceTimersByTimeAsync(4 * SECOND);
  expect(scaler.status().state).toBe('zero');
  expect(started).toHaveLength(1);
});

test('a request within the window begins it anew', async () => {
  const { scaler, started } = openScaler();
  (await firstLease(scaler, started)).release();
  await vi.advanceTimersByTimeAsync(29 * SECOND);
  const again = await scaler.acquire(never);
  await vi.advanceTimersByTimeAsync(SECOND);
  again.release();

  await vi.advanceTimersByTimeAsync(29 * SECOND);

  expect(scaler.status().state).toBe('ready');
  expect(started).toHaveLength(1);
});

test('the last process stays for the retention period after the window', async () => {
  const { scaler, started } = openScaler({ scale: scale({ retentionMs: 20 * SECOND }) });
  (await firstLease(scaler, started)).release();

  await vi.advanceTimersByTimeAsync(49 * SECOND);
  expect(scaler.status().state).toBe('ready');
  await vi.advanceTimersByTimeAsync(4 * SECOND);
  expect(scaler.status().state).toBe('zero');
});

test('as many processes as the requests need, up to max-scale, and back by halves', async () => {
  const { scaler, started } = openScaler({
    containerConcurrency: 2,
    scale: scale({ target: 2, maxScale: 5 }),
  });
  const leases: Lease[] = [];
  const acquiring = Array.from({ length: 14 }, async () => {
    leases.push(await scaler.acquire(never));
  });
  await settle();
  // The first request starts the first process; the others are only measured.
  expect(started).toHaveLength(1);

  await vi.advanceTimersByTimeAsync(2 * SECOND);
  expect(started).toHaveLength(5);
  expect(scaler.status()).toMatchObject({ scale: { desired: 5, actual: 0 }, panic: true });

  for (const process of started) process.becomeReady();
  await settle();
  expect(scaler.status().requests).toEqual({ active: 10, held: 4 });
  while (leases.length > 0) {
    leases.pop()?.release();
    await settle();
  }
  await Promise.all(acquiring);

  // Panic takes nothing away for a window; then 5, 2, 1, 0 at the ticks.
  const scales = new Set<number>();
  for (let second = 0; second < 70; second += 1) {
    await vi.advanceTimersByTimeAsync(SECOND);
    scales.add(scaler.status().scale.desired);
  }
  expect([...scales]).toEqual([5, 2, 1, 0]);
  expect(scaler.status()).toMatchObject({ state: 'zero', panic: false });
});

test('requests go to the least busy process, to equal ones in turn', async () => {
  const { scaler, started } = openScaler({ scale: scale({ minScale: 3 }) });
  scaler.open();
  await settle();
  for (const process of started) process.becomeReady();
  await settle();

  const leases = [];
  for (let count = 0; count < 6; count += 1) leases.push(await scaler.acquire(never));
  expect(leases.map(({ port }) => port)).toEqual([1, 2, 3, 1, 2, 3]);

  leases[4]?.release();
  expect((await scaler.acquire(never)).port).toBe(2);
});

test('a revision that nothing leads to any more finishes its requests and goes at once', async () => {
  const { scaler, started } = openScaler({
    containerConcurrency: 1,
    scale: scale({ target: 1, maxScale: 2 }),
  });
  const leases: Lease[] = [];
  const waiting = [1, 2].map(async () => leases.push(await scaler.acquire(never)));
  await vi.advanceTimersByTimeAsync(4 * SECOND);
  for (const process of started) process.becomeReady();
  await Promise.all(waiting);
  expect(leases.map(({ port }) => port)).toEqual([1, 2]);

  scaler.setReachable(false);
  leases[0]?.release();
  await settle();
  expect(scaler.status().pids).toEqual([1, 2]);
  leases[1]?.release();
  await settle();

  expect(scaler.status()).toMatchObject({ state: 'zero', pids: [] });
});

test('the idle process goes, the busy one stays', async () => {
  const { scaler, started } = openScaler({
    containerConcurrency: 1,
    scale: scale({ target: 1, maxScale: 2 }),
  });
  const leases: Lease[] = [];
  const waiting = [1, 2].map(async () => leases.push(await scaler.acquire(never)));
  await vi.advanceTimersByTimeAsync(4 * SECOND);
  for (const process of started) process.becomeReady();
  await Promise.all(waiting);

  leases[1]?.release();
  await vi.advanceTimersByTimeAsync(100 * SECOND);
  expect(scaler.status()).toMatchObject({ pids: [1], requests: { active: 1, held: 0 } });
});

test('a process that dies takes no more requests and is replaced; the others go on', async () => {
  const { scaler, started } = openScaler({ scale: scale({ minScale: 2 }) });
  scaler.open();
  await settle();
  for (const process of started) process.becomeReady();
  await settle();

  started[0]?.exit({ code: null, signal: 'SIGKILL' });
  await settle();
  const ports = [await scaler.acquire(never), await scaler.acquire(never)].map(({ port }) => port);
  expect(ports).toEqual([2, 2]);
  expect(scaler.status().scale).toEqual({ desired: 2, actual: 1 });

  await vi.advanceTimersByTimeAsync(SECOND);
  started[2]?.becomeReady();
  await settle();
  expect(scaler.status().scale).toEqual({ desired: 2, actual: 2 });
});

test('a new revision has its initial scale ready before it is proven, and not less for it', async () => {
  const { scaler, started } = openScaler({ scale: scale({ initialScale: 3 }) });
  let isProven = false;
  const proven = scaler.prove(never).then(() => {
    isProven = true;
  });
  await vi.advanceTimersByTimeAsync(10 * SECOND);
  started[0]?.becomeReady();
  started[1]?.becomeReady();
  await settle();
  expect([started.length, isProven]).toEqual([3, false]);

  started[2]?.becomeReady();
  await proven;
  expect(scaler.status().scale).toEqual({ desired: 3, actual: 3 });
});

test('a new revision that does not start is not proven', async () => {
  const { scaler, started } = openScaler();
  const proven = scaler.prove(never);
  proven.catch(() => undefined);
  await settle();

  started[0]?.exit({ code: 1, lastLine: 'SyntaxError' });

  await expect(proven).rejects.toThrow('Cannot start fixture: exited with code 1: SyntaxError');
});

test('a place that comes when the request has just gone is given back', async () => {
  const { scaler, started } = openScaler({ containerConcurrency: 1 });
  const first = await firstLease(scaler, started);
  const impatient = new AbortController();
  const second = scaler.acquire(impatient.signal);
  second.catch(() => undefined);
  await settle();

  first.release();
  impatient.abort(new Error('gone'));

  await expect(second).rejects.toThrow('gone');
  expect(scaler.status().requests).toEqual({ active: 0, held: 0 });
});

test('releasing a lease twice counts once', async () => {
  const { scaler, started } = openScaler({ containerConcurrency: 1 });
  const first = scaler.acquire(never);
  await settle();
  started[0]?.becomeReady();
  const lease = await first;

  lease.release();
  lease.release();

  expect(scaler.status().requests).toEqual({ active: 0, held: 0 });
});
