import { found, type Line } from '../../check.ts';
import type { RenderedService } from '../read-overlays.ts';

/** Knative's `revision-timeout-seconds` and `max-revision-timeout-seconds` (config-defaults). */
const DEFAULT_SECONDS = 300;
const MAX_SECONDS = 600;
/** Of `INFERENCE_TIMEOUT_MS`. */
const DEFAULT_INFERENCE_MS = 55_000;
const MARGIN_MS = 5000;

/** Seconds that a request to the Service may take. */
export function timeoutSeconds({ spec }: RenderedService): number {
  return Number(spec['timeoutSeconds'] ?? DEFAULT_SECONDS);
}

/** Traps in the deadlines of a Service. */
export function timeoutTraps(service: RenderedService): Line[] {
  const { where, spec, env } = service;
  const whole = timeoutSeconds(service);
  const start = spec['responseStartTimeoutSeconds'];
  const lines: Line[] = [];
  if (start === undefined && whole > DEFAULT_SECONDS) {
    lines.push(found('RESPONSE_START_TIMEOUT_MISSING', `${where}: timeoutSeconds ${whole}`));
  }
  if (Number(start ?? 0) > whole) {
    lines.push(
      found('RESPONSE_START_TIMEOUT_ABOVE', `${where}: ${JSON.stringify(start)} above ${whole}`),
    );
  }
  if (whole > MAX_SECONDS) lines.push(found('TIMEOUT_ABOVE_LIMIT', `${where}: ${whole}`));
  if (env.has('FUNCTION_TARGET')) {
    const ownMs = Number(env.get('INFERENCE_TIMEOUT_MS') ?? DEFAULT_INFERENCE_MS);
    if (ownMs > whole * 1000 - MARGIN_MS) {
      const text = `${where}: INFERENCE_TIMEOUT_MS ${ownMs}, timeoutSeconds ${whole}`;
      lines.push(found('INFERENCE_TIMEOUT_TOO_LONG', text));
    }
  }
  return lines;
}
