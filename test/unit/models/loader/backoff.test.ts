import { describe, expect, it } from 'vitest';

import { DEFAULT_BACKOFF, backoffMs } from '../../../../models/loader/backoff.ts';

describe('backoffMs()', () => {
  it('doubles from 100 ms and stops at 5 s', () => {
    const latest = { ...DEFAULT_BACKOFF, random: () => 1 };

    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 60].map((failures) => backoffMs(failures, latest));

    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  });

  it('leaves half of the wait to chance', () => {
    const earliest = { ...DEFAULT_BACKOFF, random: () => 0 };

    expect(backoffMs(3, earliest)).toBe(200);
  });

  it('stops waiting when the signal aborts', async () => {
    const abort = new AbortController();
    const waiting = DEFAULT_BACKOFF.sleep(60_000, abort.signal);

    abort.abort();

    await expect(waiting).rejects.toThrow('aborted');
  });
});
