import { describe, expect, it } from 'vitest';

import { dueVersions, isUploadDue } from '../../../../../../knative/local/s3/lifecycle/due.ts';
import type { LifecycleRule } from '../../../../../../knative/local/s3/lifecycle/rules.ts';
import type { StoredObject } from '../../../../../../knative/local/s3/stored-object.ts';

const at = (text: string): number => Date.parse(`${text}Z`);
/** Written at noon of the first of January. */
const WRITTEN_MS = at('2026-01-01T12:00:00');

function ruleOf(changes: Partial<LifecycleRule>): LifecycleRule {
  return {
    id: 'r',
    isEnabled: true,
    applies: { prefix: '', tags: {} },
    written: ['Rule', ''],
    ...changes,
  };
}

function version(changes: Partial<StoredObject> = {}): StoredObject {
  return {
    key: 'jobs/a',
    versionId: 'null',
    sizeBytes: 5,
    etag: '',
    headers: {},
    user: {},
    tags: { team: 'birds' },
    checksums: {},
    sequencer: '0',
    lastModifiedMs: WRITTEN_MS,
    ...changes,
  };
}

describe('dueVersions()', () => {
  it.each<[what: string, rule: Partial<LifecycleRule>, now: string, isDue: boolean]>([
    ['before the midnight after its days', { expireDays: 1 }, '2026-01-02T23:59:59', false],
    ['at the midnight after its days', { expireDays: 1 }, '2026-01-03T00:00:00', true],
    ['before a date', { expireDateMs: at('2026-02-01T00:00:00') }, '2026-01-31T23:59:59', false],
    ['from a date on', { expireDateMs: at('2026-02-01T00:00:00') }, '2026-02-01T00:00:00', true],
    ['by a rule that is off', { expireDays: 1, isEnabled: false }, '2027-01-01T00:00:00', false],
    [
      'by a rule without an action of that kind',
      { noncurrentDays: 1 },
      '2027-01-01T00:00:00',
      false,
    ],
  ])('lets an object go or stay: %s', (_, rule, now, isDue) => {
    const object = version();

    const due = dueVersions([object], [ruleOf(rule)], at(now));

    expect(due).toEqual({ expired: isDue ? object : undefined, versions: [] });
  });

  it.each<[what: string, applies: Partial<LifecycleRule['applies']>, isDue: boolean]>([
    ['its prefix', { prefix: 'jobs/' }, true],
    ['another prefix', { prefix: 'out/' }, false],
    ['its tag', { tags: { team: 'birds' } }, true],
    ['another value of its tag', { tags: { team: 'fish' } }, false],
    ['one tag more than it has', { tags: { team: 'birds', stage: 'raw' } }, false],
    ['smaller sizes only', { belowBytes: 5 }, false],
    ['larger sizes only', { aboveBytes: 5 }, false],
    ['its size', { aboveBytes: 4, belowBytes: 6 }, true],
  ])('goes by the filter: %s', (_, applies, isDue) => {
    const rule = ruleOf({ expireDays: 1, applies: { prefix: '', tags: {}, ...applies } });

    const { expired } = dueVersions([version()], [rule], at('2026-02-01T00:00:00'));

    expect(expired !== undefined).toBe(isDue);
  });

  it('counts the days of a version from when it was replaced, and keeps the newest of them', () => {
    const versions = ['04', '03', '02', '01'].map((day) =>
      version({ versionId: day, lastModifiedMs: at(`2026-01-${day}T12:00:00`) }),
    );
    const goneAt = (now: string, keepNoncurrent = 0): string[] =>
      dueVersions(versions, [ruleOf({ noncurrentDays: 10, keepNoncurrent })], at(now)).versions.map(
        ({ versionId }) => versionId,
      );

    expect(goneAt('2026-01-12T23:59:59')).toEqual([]);
    expect(goneAt('2026-01-13T00:00:00')).toEqual(['01']);
    expect(goneAt('2026-01-15T00:00:00')).toEqual(['03', '02', '01']);
    expect(goneAt('2026-01-15T00:00:00', 2)).toEqual(['01']);
  });

  it('removes a delete marker once it hides nothing, and never expires one', () => {
    const marker = version({ isDeleteMarker: true, versionId: 'm' });
    const rules = [ruleOf({ expireLoneMarkers: true }), ruleOf({ expireDays: 1 })];
    const now = at('2027-01-01T00:00:00');

    expect(dueVersions([marker], rules, now)).toEqual({ expired: undefined, versions: [marker] });
    expect(dueVersions([marker, version()], rules, now)).toEqual({
      expired: undefined,
      versions: [],
    });
  });

  it('has nothing to say of a key that has gone', () => {
    expect(dueVersions([], [ruleOf({ expireDays: 1 })], 0)).toEqual({
      expired: undefined,
      versions: [],
    });
  });
});

describe('isUploadDue()', () => {
  it.each([
    ['2026-01-02T23:59:59', 'jobs/a', false],
    ['2026-01-03T00:00:00', 'jobs/a', true],
    ['2026-01-03T00:00:00', 'out/a', false],
  ])('at %s, of %s: %s', (now, key, expected) => {
    const plan = { key, initiatedMs: WRITTEN_MS, headers: {}, user: {}, tags: {} };
    const rule = ruleOf({ abortDays: 1, applies: { prefix: 'jobs/', tags: {} } });

    expect(isUploadDue({ id: 'u', plan, parts: new Map() }, [rule], at(now))).toBe(expected);
  });
});
