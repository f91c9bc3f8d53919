/**
 * Every error a caller can meet, in one table. `docs/ERRORS.md` is held against it by a test.
 * `event` is the status on the event path: Knative retries 404, 408, 409, 429 and 5xx and sends every
 * other 4xx straight to the dead-letter sink
 * (https://github.com/knative/specs/blob/main/specs/eventing/data-plane.md).
 */
export const ERROR_TABLE = {
  INVALID_REQUEST: { status: 400, event: 400, retriable: false },
  INVALID_IMAGE: { status: 400, event: 400, retriable: false },
  RESPONSE_TOO_LARGE: { status: 400, event: 400, retriable: false },
  UNAUTHORIZED: { status: 401, event: 400, retriable: false },
  FORBIDDEN: { status: 403, event: 400, retriable: false },
  MODEL_NOT_FOUND: { status: 404, event: 400, retriable: false },
  NOT_FOUND: { status: 404, event: 400, retriable: false },
  METHOD_NOT_ALLOWED: { status: 405, event: 400, retriable: false },
  NOT_ACCEPTABLE: { status: 406, event: 400, retriable: false },
  REQUEST_TIMEOUT: { status: 408, event: 408, retriable: true },
  CONFLICT: { status: 409, event: 409, retriable: true },
  PAYLOAD_TOO_LARGE: { status: 413, event: 400, retriable: false },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, event: 400, retriable: false },
  RANGE_NOT_SATISFIABLE: { status: 416, event: 400, retriable: false },
  QUEUE_FULL: { status: 429, event: 429, retriable: true },
  RATE_LIMITED: { status: 429, event: 429, retriable: true },
  HEADERS_TOO_LARGE: { status: 431, event: 400, retriable: false },
  INFERENCE_FAILED: { status: 500, event: 500, retriable: true },
  MODEL_LOAD: { status: 503, event: 503, retriable: true },
  SHUTTING_DOWN: { status: 503, event: 503, retriable: true },
  STORAGE_UNAVAILABLE: { status: 503, event: 503, retriable: true },
  BROKER_UNAVAILABLE: { status: 503, event: 503, retriable: true },
  INFERENCE_TIMEOUT: { status: 504, event: 504, retriable: true },
  CONFIGURATION: { status: 500, event: 500, retriable: false },
} as const satisfies Record<string, { status: number; event: number; retriable: boolean }>;

/** A stable name for one kind of failure; the contract with callers. */
export type ErrorCode = keyof typeof ERROR_TABLE;

/** One faulty place of a request: which instance, where in it, and what is wrong. */
export interface ErrorDetail {
  readonly instance?: number;
  readonly path: string;
  readonly message: string;
}

/** What an error carries beyond its message. */
export interface InferenceEngineErrorOptions extends ErrorOptions {
  readonly details?: readonly ErrorDetail[];
  /** Seconds after which a retry can succeed; sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** Methods that the route does answer; sent as `Allow`. */
  readonly allow?: readonly string[];
}

/** Base of every error that a caller can meet: a code of the table, a message safe to show, details. */
export abstract class InferenceEngineError extends Error {
  abstract readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly allow: readonly string[] | undefined;

  constructor(message: string, options: InferenceEngineErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.allow = options.allow;
  }

  /** The HTTP status of this error on a request. */
  get status(): number {
    return ERROR_TABLE[this.code].status;
  }
}

/** The request does not say what the model needs. */
export class InvalidRequestError extends InferenceEngineError {
  readonly code: ErrorCode = 'INVALID_REQUEST';
}

/** The bytes are not an image that can be read safely. */
export class InvalidImageError extends InvalidRequestError {
  override readonly code = 'INVALID_IMAGE';
}

/** The answer does not fit where it must go. */
export class ResponseTooLargeError extends InferenceEngineError {
  readonly code = 'RESPONSE_TOO_LARGE';
}

/** No credential, or one that does not verify. */
export class UnauthorizedError extends InferenceEngineError {
  readonly code = 'UNAUTHORIZED';
}

/** A valid credential that does not allow this. */
export class ForbiddenError extends InferenceEngineError {
  readonly code = 'FORBIDDEN';
}

/** No model of that name or version is served here. */
export class ModelNotFoundError extends InferenceEngineError {
  readonly code = 'MODEL_NOT_FOUND';
}

/** No such route or object. */
export class NotFoundError extends InferenceEngineError {
  readonly code = 'NOT_FOUND';
}

/** The route exists, the method does not. */
export class MethodNotAllowedError extends InferenceEngineError {
  readonly code = 'METHOD_NOT_ALLOWED';
}

/** No form of the answer matches the request's `Accept`. */
export class NotAcceptableError extends InferenceEngineError {
  readonly code = 'NOT_ACCEPTABLE';
}

/** The request did not arrive whole in time. */
export class RequestTimeoutError extends InferenceEngineError {
  readonly code = 'REQUEST_TIMEOUT';
}

/** Somebody else changed it first. */
export class ConflictError extends InferenceEngineError {
  readonly code = 'CONFLICT';
}

/** The body is larger than the limit. */
export class PayloadTooLargeError extends InferenceEngineError {
  readonly code = 'PAYLOAD_TOO_LARGE';
}

/** The body's type or encoding is not one the route reads. */
export class UnsupportedMediaTypeError extends InferenceEngineError {
  readonly code = 'UNSUPPORTED_MEDIA_TYPE';
}

/** The bytes that the request asks for are behind the end of what there is. */
export class RangeNotSatisfiableError extends InferenceEngineError {
  readonly code = 'RANGE_NOT_SATISFIABLE';
}

/** The request's headers are larger than the limit. */
export class HeadersTooLargeError extends InferenceEngineError {
  readonly code = 'HEADERS_TOO_LARGE';
}

/** Too much work is waiting already. */
export class QueueFullError extends InferenceEngineError {
  readonly code = 'QUEUE_FULL';
}

/** This caller has used up its share. */
export class RateLimitedError extends InferenceEngineError {
  readonly code = 'RATE_LIMITED';
}

/** The model failed, or something here did; never the request's fault. */
export class InferenceError extends InferenceEngineError {
  readonly code = 'INFERENCE_FAILED';
}

/** The model cannot be loaded, or not yet. */
export class ModelLoadError extends InferenceEngineError {
  readonly code = 'MODEL_LOAD';
  /** True when trying again cannot help: a wrong digest, a missing object, a corrupt file. */
  readonly permanent: boolean;

  constructor(
    message: string,
    options: InferenceEngineErrorOptions & { readonly permanent: boolean },
  ) {
    super(message, options);
    this.permanent = options.permanent;
  }
}

/** This process is on its way out. */
export class ShuttingDownError extends InferenceEngineError {
  readonly code = 'SHUTTING_DOWN';
}

/** The object store, where batch jobs have their state, does not answer or refuses. */
export class StorageUnavailableError extends InferenceEngineError {
  readonly code = 'STORAGE_UNAVAILABLE';
}

/** The broker takes no event now, and without it nothing can go on. */
export class BrokerUnavailableError extends InferenceEngineError {
  readonly code = 'BROKER_UNAVAILABLE';
}

/** The deadline passed before the answer was there. */
export class InferenceTimeoutError extends InferenceEngineError {
  readonly code = 'INFERENCE_TIMEOUT';
}

/** The environment or a manifest is wrong; `faults` lists everything that is. */
export class ConfigurationError extends InferenceEngineError {
  readonly code = 'CONFIGURATION';
  readonly faults: readonly string[];

  constructor(faults: readonly string[], options: ErrorOptions = {}) {
    super(
      `Configuration is not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
      options,
    );
    this.faults = faults;
  }
}

/**
 * The one place where a stranger's exception becomes one of ours: known errors pass, all others become
 * an `InferenceError` whose message says nothing about the inside; `cause` keeps the original for the log.
 */
export function toInferenceEngineError(cause: unknown): InferenceEngineError {
  return cause instanceof InferenceEngineError
    ? cause
    : new InferenceError('The request failed inside the server', { cause });
}
