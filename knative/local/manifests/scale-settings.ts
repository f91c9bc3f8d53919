import { durationMs } from './annotations.ts';
import { LOCAL_MAX_SCALE } from './local-limits.ts';

/** How one revision scales: its annotations over the defaults of Knative's `config-autoscaler`. */
export interface ScaleSettings {
  /** What is measured: requests open at once, or requests that arrive per second. */
  readonly metric: 'concurrency' | 'rps';
  readonly aggregation: 'linear' | 'weighted-exponential';
  /** What one process is to have of the metric on average, utilisation included. */
  readonly target: number;
  /** Processes that are kept without requests. */
  readonly minScale: number;
  /** Never more processes than this. */
  readonly maxScale: number;
  /** Processes that a new revision must have ready before it gets traffic. */
  readonly initialScale: number;
  /** Processes that a scale above zero has at least. */
  readonly activationScale: number;
  /** The stable window. */
  readonly windowMs: number;
  readonly panicWindowMs: number;
  /** Panic begins when this many times the ready processes are needed. */
  readonly panicThreshold: number;
  /** How long less must be needed before there is less. */
  readonly scaleDownDelayMs: number;
  /** How long the last process stays once nothing is needed. */
  readonly retentionMs: number;
  /** How long a new revision may take to be ready. */
  readonly progressDeadlineMs: number;
  /** In one decision at most this many times the ready processes. */
  readonly maxScaleUpRate: number;
  /** In one decision at least the ready processes divided by this. */
  readonly maxScaleDownRate: number;
  /** Time between two decisions. */
  readonly tickMs: number;
  /** Time between two measurements. */
  readonly bucketMs: number;
}

/** Knative's smallest target: pkg/apis/autoscaling/register.go */
const TARGET_MIN = 0.01;

type Annotations = Readonly<Record<string, unknown>>;

/** The settings that the annotations of a revision template give; they have been checked. */
export function scaleSettings(
  annotations: Annotations,
  containerConcurrency: number,
): ScaleSettings {
  const text = (name: string): string | undefined => {
    const value = annotations[`autoscaling.knative.dev/${name}`];
    return typeof value === 'string' ? value : undefined;
  };
  const number = (name: string, otherwise: number): number => Number(text(name) ?? otherwise);
  const ms = (name: string, otherwise: number): number => durationMs(text(name) ?? '') ?? otherwise;
  const metric = text('metric') === 'rps' ? 'rps' : 'concurrency';
  const given = text('target');
  const windowMs = ms('window', 60_000);
  return {
    metric,
    aggregation:
      text('metric-aggregation-algorithm') === 'weighted-exponential'
        ? 'weighted-exponential'
        : 'linear',
    target: Math.max(
      TARGET_MIN,
      totalTarget(metric, given === undefined ? undefined : Number(given), containerConcurrency) *
        (number('target-utilization-percentage', 70) / 100),
    ),
    minScale: number('min-scale', 0),
    // 0 is "no bound", as no annotation is.
    maxScale: number('max-scale', 0) || Math.max(LOCAL_MAX_SCALE, number('min-scale', 0)),
    initialScale: number('initial-scale', 1),
    activationScale: number('activation-scale', 1),
    windowMs,
    // Whole seconds, at least one: pkg/reconciler/autoscaling/resources/metric.go
    panicWindowMs:
      Math.max(1, Math.round((windowMs * number('panic-window-percentage', 10)) / 100_000)) * 1000,
    panicThreshold: number('panic-threshold-percentage', 200) / 100,
    scaleDownDelayMs: ms('scale-down-delay', 0),
    retentionMs: ms('scale-to-zero-pod-retention-period', 0),
    progressDeadlineMs:
      durationMs(String(annotations['serving.knative.dev/progress-deadline'])) ?? 600_000,
    maxScaleUpRate: 1000,
    maxScaleDownRate: 2,
    tickMs: 2000,
    bucketMs: 1000,
  };
}

/** pkg/reconciler/autoscaling/resources/target.go: never above what a process may have at once. */
function totalTarget(
  metric: ScaleSettings['metric'],
  given: number | undefined,
  containerConcurrency: number,
): number {
  if (metric === 'rps') return given ?? 200;
  const limit = containerConcurrency === 0 ? undefined : containerConcurrency;
  return given === undefined ? (limit ?? 100) : Math.min(given, limit ?? Infinity);
}
