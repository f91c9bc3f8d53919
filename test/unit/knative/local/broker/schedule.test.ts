import { describe, expect, it } from 'vitest';

import { nextRun } from '../../../../../knative/local/broker/schedule.ts';

describe('nextRun()', () => {
  it.each([
    ['*/5 * * * *', '2026-11-21T16:02:30Z', '2026-11-21T16:05:00Z'],
    ['*/5 * * * *', '2026-11-21T16:05:00Z', '2026-11-21T16:10:00Z'],
    ['* * * * *', '2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00Z'],
    ['30 9 * * mon-fri', '2026-11-21T16:00:00Z', '2026-11-23T09:30:00Z'],
    ['0 0 29 2 *', '2026-11-21T16:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 12 1,15 * *', '2026-11-21T16:00:00Z', '2026-12-01T12:00:00Z'],
    // Either day will do when both are restricted.
    ['0 0 1 * sun', '2026-11-21T16:00:00Z', '2026-11-22T00:00:00Z'],
    ['5/20 3 * jan *', '2026-11-21T16:00:00Z', '2027-01-01T03:05:00Z'],
    ['@hourly', '2026-11-21T16:00:00Z', '2026-11-21T17:00:00Z'],
    ['@daily', '2026-11-21T16:00:00Z', '2026-11-22T00:00:00Z'],
  ])('%s after %s is %s', (schedule, after, expected) => {
    expect(nextRun(schedule, new Date(after))).toEqual(new Date(expected));
  });

  it.each([
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '*/0 * * * *',
    '5-1 * * * *',
    'x * * * *',
    '0 0 30 2 *',
    '@every 5m',
    '',
  ])('refuses "%s"', (schedule) => {
    expect(() => nextRun(schedule, new Date())).toThrow(RangeError);
  });
});
