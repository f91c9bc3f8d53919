import type { ScaleSettings } from '../manifests/scale-settings.ts';

/** Since when a revision has been wanted, or not. */
export interface Activity {
  readonly isActive: boolean;
  readonly sinceMs: number;
}

/** A revision that nothing was wanted of yet. */
export const INACTIVE: Activity = { isActive: false, sinceMs: -Infinity };

/** What a scale is bounded by. */
export interface ScaleQuestion {
  readonly nowMs: number;
  /** What the autoscaler decided. */
  readonly desired: number;
  /** What there is now. */
  readonly current: number;
  readonly isReachable: boolean;
}

/**
 * The scale to have, within `min-scale` and `max-scale`, and not zero before the revision was active for a
 * stable window and inactive for the retention period (pkg/reconciler/autoscaling/kpa/scaler.go). Knative's
 * grace period is for putting the activator in the path; the router always is, so there is none here.
 */
export function boundScale(
  settings: Pick<ScaleSettings, 'minScale' | 'maxScale' | 'windowMs' | 'retentionMs'>,
  activity: Activity,
  { nowMs, desired, current, isReachable }: ScaleQuestion,
): { scale: number; activity: Activity } {
  const least = isReachable ? settings.minScale : 0;
  const scale = Math.min(Math.max(desired, least), settings.maxScale);
  if (scale > 0) {
    return { scale, activity: activity.isActive ? activity : { isActive: true, sinceMs: nowMs } };
  }
  if (activity.isActive) {
    // Down to one for the rest of the window, in which it was wanted.
    if (nowMs - activity.sinceMs < settings.windowMs)
      return { scale: Math.min(current, 1), activity };
    return boundScale(
      settings,
      { isActive: false, sinceMs: nowMs },
      { nowMs, desired, current, isReachable },
    );
  }
  const retentionMs = isReachable ? settings.retentionMs : 0;
  return { scale: nowMs - activity.sinceMs >= retentionMs ? 0 : current, activity };
}
