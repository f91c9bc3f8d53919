import { scaleSettings, type ScaleSettings } from '../../knative/local/manifests/scale-settings.ts';

/** Knative's defaults with a window of ten minutes, so that nothing goes by itself during a test. */
export function patientScale(overrides: Partial<ScaleSettings> = {}): ScaleSettings {
  return { ...scaleSettings({}, 0), windowMs: 600_000, panicWindowMs: 60_000, ...overrides };
}

/** The same with time running fifty times as fast: measured every 20 ms, decided every 40. */
export function quickScale(overrides: Partial<ScaleSettings> = {}): ScaleSettings {
  return patientScale({
    windowMs: 200,
    panicWindowMs: 40,
    bucketMs: 20,
    tickMs: 40,
    ...overrides,
  });
}
