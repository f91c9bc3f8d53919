import { expect, test } from 'vitest';

import {
  createTokenBuckets,
  type TokenBuckets,
} from '../../../../../functions/serving/http/token-buckets.ts';

function bucketsAt(options: { perSecond: number; burst: number; maxClients?: number }) {
  const clock = { ms: 1000 };
  const buckets: TokenBuckets = createTokenBuckets({
    maxClients: 100,
    ...options,
    now: () => clock.ms,
  });
  return { buckets, clock };
}

test('a client may send its burst, and then as many as come back', () => {
  const { buckets, clock } = bucketsAt({ perSecond: 2, burst: 3 });
  const take = (): number => buckets.take('a');

  expect([take(), take(), take()]).toEqual([0, 0, 0]);
  expect(take()).toBeCloseTo(0.5);
  clock.ms += 499;
  expect(take()).toBeGreaterThan(0);
  clock.ms += 2;
  expect(take()).toBe(0);
  expect(take()).toBeGreaterThan(0);
});

test('a refused request costs nothing', () => {
  const { buckets, clock } = bucketsAt({ perSecond: 1, burst: 1 });
  buckets.take('a');
  for (let i = 0; i < 50; i += 1) buckets.take('a');

  clock.ms += 1000;
  expect(buckets.take('a')).toBe(0);
});

test('a client that was quiet for long has its burst and no more', () => {
  const { buckets, clock } = bucketsAt({ perSecond: 10, burst: 2 });
  clock.ms += 3_600_000;

  expect([1, 2, 3].map(() => buckets.take('a') === 0)).toEqual([true, true, false]);
});

test('one client does not use up what is another’s', () => {
  const { buckets } = bucketsAt({ perSecond: 1, burst: 1 });
  buckets.take('a');

  expect(buckets.take('a')).toBeGreaterThan(0);
  expect(buckets.take('b')).toBe(0);
});

test('less than one request per second works too', () => {
  const { buckets, clock } = bucketsAt({ perSecond: 0.1, burst: 1 });
  buckets.take('a');

  expect(buckets.take('a')).toBeCloseTo(10);
  clock.ms += 10_000;
  expect(buckets.take('a')).toBe(0);
});

test('of too many clients the one not seen for longest is forgotten', () => {
  const { buckets } = bucketsAt({ perSecond: 1, burst: 1, maxClients: 2 });
  for (const client of ['a', 'b', 'a', 'c']) buckets.take(client);

  expect(buckets.take('a')).toBeGreaterThan(0);
  expect(buckets.take('b')).toBe(0);
});
