import { ERROR_TABLE, toInferenceEngineError } from '../functions/runtime/errors.ts';

/** What a broker does with an event once its receiver has answered. */
export type Outcome = 'acknowledge' | 'retry' | 'dead-letter';

/**
 * What Knative does with an answer of this status.
 * https://github.com/knative/specs/blob/main/specs/eventing/data-plane.md#derived-reply-events and `SelectiveRetry`
 * of knative.dev/eventing: 404, 408, 409, 429 and 5xx are tried again, nothing else that fails is.
 */
export function outcomeOfStatus(status: number): Outcome {
  if (status >= 200 && status < 300) return 'acknowledge';
  return status >= 500 || [404, 408, 409, 429].includes(status) ? 'retry' : 'dead-letter';
}

/** What a failure means on the event path. */
export interface FailureOutcome {
  /** To answer with. */
  readonly status: number;
  readonly outcome: Outcome;
  readonly retryAfterSeconds: number | undefined;
}

/** The status for a failure, from the table of errors, and what a broker makes of it. */
export function outcomeOfError(cause: unknown): FailureOutcome {
  const error = toInferenceEngineError(cause);
  const status = ERROR_TABLE[error.code].event;
  const { retryAfterSeconds } = error;
  return { status, outcome: outcomeOfStatus(status), retryAfterSeconds };
}
