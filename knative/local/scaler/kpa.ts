import type { ScaleSettings } from '../manifests/scale-settings.ts';

/** What the autoscaler remembers between two decisions. */
export interface KpaState {
  /** When panic began or was last confirmed; `undefined` when calm. */
  readonly panicMs: number | undefined;
  /** The most that was decided in this panic. */
  readonly panicScale: number;
  /** Decisions within the scale-down delay, the newest last. */
  readonly recent: readonly { readonly tick: number; readonly scale: number }[];
}

/** What a decision is made from. */
export interface KpaObservation {
  readonly nowMs: number;
  /** Averages of the metric over the stable and the panic window, summed over all processes. */
  readonly stable: number;
  readonly panic: number;
  /** Processes that are ready. */
  readonly ready: number;
  /** Whether any traffic or tag leads to the revision. */
  readonly isReachable: boolean;
}

/** How many processes there should be, before `min-scale` and `max-scale`. */
export interface KpaDecision {
  readonly desired: number;
  readonly state: KpaState;
}

/** Settings that the formula uses. */
export type KpaSettings = Pick<
  ScaleSettings,
  | 'target'
  | 'activationScale'
  | 'windowMs'
  | 'panicThreshold'
  | 'scaleDownDelayMs'
  | 'maxScaleUpRate'
  | 'maxScaleDownRate'
  | 'tickMs'
>;

/** An autoscaler that has decided nothing yet. */
export const CALM: KpaState = { panicMs: undefined, panicScale: 0, recent: [] };

/**
 * Knative's pod autoscaler, as pkg/autoscaler/scaling/autoscaler.go of knative/serving 1.23 computes it:
 *
 * - desired = ⌈metric ÷ target⌉, for each window, within ready ÷ max-scale-down-rate (rounded down) and
 *   ready × max-scale-up-rate (rounded up); ready counts as 1 when it is 0;
 * - panic begins when the panic window alone wants panic-threshold times the ready processes, and ends one
 *   stable window after it last did; in panic the larger window counts and nothing is taken away;
 * - scale-down-delay lets the largest decision of that time stand.
 */
export function decideScale(
  settings: KpaSettings,
  state: KpaState,
  observation: KpaObservation,
): KpaDecision {
  const { nowMs, isReachable } = observation;
  const ready = Math.max(1, observation.ready);
  const most = Math.ceil(settings.maxScaleUpRate * ready);
  const least = isReachable ? Math.floor(ready / settings.maxScaleDownRate) : 0;
  const wanted = (average: number): number => {
    const unbounded = Math.ceil(average / settings.target);
    const bounded = Math.min(Math.max(unbounded, least), most);
    return unbounded > 0 ? Math.max(bounded, settings.activationScale) : bounded;
  };

  const stable = wanted(observation.stable);
  const panicMs = panicTime(settings, state.panicMs, observation, ready);
  const panicScale =
    panicMs === undefined ? 0 : Math.max(state.panicScale, stable, wanted(observation.panic));
  const now = panicMs === undefined ? stable : panicScale;

  const { desired, recent } = delayed(settings, state.recent, nowMs, now, isReachable);
  return { desired, state: { panicMs, panicScale, recent } };
}

/** When panic was last confirmed, with this observation; `undefined` when there is none. */
function panicTime(
  { target, panicThreshold, windowMs }: KpaSettings,
  since: number | undefined,
  { nowMs, panic }: KpaObservation,
  ready: number,
): number | undefined {
  if (Math.ceil(panic / target) / ready >= panicThreshold) return nowMs;
  return since !== undefined && since + windowMs >= nowMs ? since : undefined;
}

function delayed(
  { scaleDownDelayMs, tickMs }: KpaSettings,
  before: KpaState['recent'],
  nowMs: number,
  scale: number,
  isReachable: boolean,
): { desired: number; recent: KpaState['recent'] } {
  // A window of one tick would not be the same as none: of two decisions in it the larger would stand.
  if (!isReachable || scaleDownDelayMs === 0) return { desired: scale, recent: before };
  const tick = Math.floor(nowMs / tickMs);
  const ticks = Math.ceil(scaleDownDelayMs / tickMs);
  // Smaller ones before this can never be the largest again.
  const recent = before.filter((one) => tick - one.tick < ticks && one.scale > scale);
  recent.push({ tick, scale });
  return { desired: recent[0]?.scale ?? scale, recent };
}
