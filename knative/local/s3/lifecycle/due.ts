import type { Due } from '../bucket.ts';
import type { StoredObject } from '../stored-object.ts';
import type { Upload } from '../uploads.ts';
import type { LifecycleFilter, LifecycleRule } from './rules.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * What the rules say of the versions of one key, newest first. Days end at the midnight after them
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html).
 */
export function dueVersions(
  versions: readonly StoredObject[],
  rules: readonly LifecycleRule[],
  nowMs: number,
): Due {
  const [latest] = versions;
  const enabled = rules.filter(({ isEnabled }) => isEnabled);
  const gone = versions.filter((version, index) => {
    const newer = versions[index - 1];
    if (newer === undefined) {
      const isAlone = versions.length === 1 && version.isDeleteMarker === true;
      return (
        isAlone && enabled.some((rule) => rule.expireLoneMarkers && covers(rule.applies, version))
      );
    }
    return enabled.some(
      ({ applies, noncurrentDays, keepNoncurrent = 0 }) =>
        noncurrentDays !== undefined &&
        covers(applies, version) &&
        index > keepNoncurrent &&
        nowMs >= endOf(newer.lastModifiedMs, noncurrentDays),
    );
  });
  const isExpired =
    latest !== undefined &&
    !latest.isDeleteMarker &&
    enabled.some((rule) => covers(rule.applies, latest) && nowMs >= expiryOf(rule, latest));
  return { expired: isExpired ? latest : undefined, versions: gone };
}

/** Whether an upload in parts has been left for longer than a rule allows. */
export function isUploadDue(
  { plan }: Upload,
  rules: readonly LifecycleRule[],
  nowMs: number,
): boolean {
  return rules.some(
    ({ isEnabled, applies, abortDays }) =>
      isEnabled &&
      abortDays !== undefined &&
      plan.key.startsWith(applies.prefix) &&
      nowMs >= endOf(plan.initiatedMs, abortDays),
  );
}

function expiryOf({ expireDays, expireDateMs }: LifecycleRule, object: StoredObject): number {
  if (expireDays !== undefined) return endOf(object.lastModifiedMs, expireDays);
  return expireDateMs ?? Number.POSITIVE_INFINITY;
}

/** The midnight after that many days. */
function endOf(startMs: number, days: number): number {
  return Math.floor(startMs / DAY_MS + days + 1) * DAY_MS;
}

function covers(filter: LifecycleFilter, { key, tags, sizeBytes }: StoredObject): boolean {
  const { prefix, aboveBytes = -1, belowBytes = Number.POSITIVE_INFINITY } = filter;
  return (
    key.startsWith(prefix) &&
    Object.entries(filter.tags).every(([name, value]) => tags[name] === value) &&
    sizeBytes > aboveBytes &&
    sizeBytes < belowBytes
  );
}
