import { describe, expect, it } from 'vitest';

import { claimChunk, readLease } from '../../../../events/jobs/lease.ts';
import type { Claim, LeaseBody } from '../../../../events/jobs/lease.ts';
import type { ObjectStore } from '../../../../functions/runtime/object-store/object-store.ts';
import { memoryStore } from '../../../support/memory-store.ts';

const KEY = 'jobs/a/claims/000000';

interface Bench {
  readonly store: ObjectStore;
  pass(seconds: number): void;
  claim(owner: string): Promise<Claim>;
}

function bench(maxAttempts = 3): Bench {
  let nowMs = 1_000_000;
  const store = memoryStore(() => nowMs);
  let nonces = 0;
  return {
    store,
    pass: (seconds) => void (nowMs += seconds * 1000),
    claim: (owner) =>
      claimChunk(store, KEY, {
        owner,
        nonce: `${(nonces += 1)}`,
        leaseSeconds: 30,
        maxAttempts,
      }),
  };
}

async function write({ store }: Bench, change: Partial<LeaseBody>): Promise<void> {
  const present = await readLease(store, KEY);
  if (typeof present !== 'object') throw new Error('There is no claim');
  await store.put(KEY, JSON.stringify({ ...present.body, ...change }));
}

const attemptOf = (claim: Claim): number | string =>
  claim.kind === 'claimed' ? claim.lease.body.attempt : claim.kind;

describe('claimChunk()', () => {
  it('lets one of many have it', async () => {
    const one = bench();

    const claims = await Promise.all(['a', 'b', 'c'].map((owner) => one.claim(owner)));

    expect(claims.map(({ kind }) => kind).toSorted()).toEqual(['claimed', 'held', 'held']);
  });

  it('lets another have it once the lease has run out by the clock of the store', async () => {
    const one = bench();
    await one.claim('a');
    one.pass(30);
    // One second more: both times are cut to whole ones.
    expect(attemptOf(await one.claim('b'))).toBe('held');
    one.pass(1);

    const claims = await Promise.all(['b', 'c'].map((owner) => one.claim(owner)));

    expect(new Set(claims.map(attemptOf))).toEqual(new Set([2, 'held']));
  });

  it('counts attempts until they are used up', async () => {
    const one = bench(2);
    const attempts: unknown[] = [];
    for (let n = 0; n < 4; n += 1) {
      attempts.push(attemptOf(await one.claim('a')));
      one.pass(31);
    }

    expect(attempts).toEqual([1, 2, 'exhausted', 'exhausted']);
  });

  it('gives a released chunk away at once', async () => {
    const one = bench();
    await one.claim('a');
    await write(one, { attempt: 0, isReleased: true });

    expect(attemptOf(await one.claim('b'))).toBe(1);
  });

  it('takes what was being scored when a worker died for suspects, and a record that was alone twice for the crash', async () => {
    const one = bench();
    await one.claim('a');
    const wide = { from: 16, to: 32 };
    const alone = { from: 20, to: 21 };
    const found: unknown[] = [];
    await write(one, { attempt: 3 });
    for (const [worker, probe] of Object.entries({ b: wide, c: alone, d: alone })) {
      await write(one, { probe });
      one.pass(31);
      const claim = await one.claim(worker);
      if (claim.kind !== 'claimed') throw new Error(`${worker}: ${claim.kind}`);
      const { attempt, suspects, crashed } = claim.lease.body;
      found.push({ attempt, suspects, crashed });
    }

    expect(found).toEqual([
      { attempt: 3, suspects: [wide], crashed: [] },
      // It may have been killed: that alone says nothing of the record.
      { attempt: 3, suspects: [wide, alone], crashed: [] },
      { attempt: 3, suspects: [wide, alone], crashed: [20] },
    ]);
    one.pass(31);
    expect(attemptOf(await one.claim('e'))).toBe('exhausted');
  });

  it('blames no record that another worker has got over since', async () => {
    const one = bench();
    await one.claim('a');
    const [early, late] = [
      { from: 20, to: 21 },
      { from: 25, to: 26 },
    ];
    await write(one, { attempt: 3 });
    let crashed: unknown;
    for (const [worker, probe] of Object.entries({ b: early, c: late, d: early })) {
      await write(one, { probe });
      one.pass(31);
      const claim = await one.claim(worker);
      crashed = claim.kind === 'claimed' ? claim.lease.body.crashed : claim.kind;
    }

    expect(crashed).toEqual([]);
  });
});
