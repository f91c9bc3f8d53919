import { ObjectNotFoundError, ObjectStoreError, PreconditionFailedError } from './errors.ts';

/** What was attempted, for the message and for the meaning of a 404. */
export interface Attempt {
  /** Such as `GET s3://models/_shared/iris/1/model.onnx`. */
  readonly action: string;
  /** The call carried a condition on the state of the object. */
  readonly conditional?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What the SDK and Node put on their errors; all of it optional, none of it trusted. */
interface ForeignError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown };
}

/**
 * One of our three errors for whatever the SDK or Node threw. An aborted call is an `ObjectStoreError`
 * with the code `Aborted`, never transient, whose `cause` is the signal's reason.
 */
export function toObjectStoreError(cause: unknown, attempt: Attempt): ObjectStoreError {
  if (cause instanceof ObjectStoreError) return cause;
  if (attempt.signal?.aborted === true) {
    const reason: unknown = attempt.signal.reason;
    const options = { cause: reason, code: 'Aborted', transient: false };
    return new ObjectStoreError(`${attempt.action}: aborted`, options);
  }
  const error = (typeof cause === 'object' && cause !== null ? cause : {}) as ForeignError;
  const status = statusOf(error);
  const code = codeOf(error, status);
  const said = typeof error.message === 'string' ? error.message : String(cause);
  const message = `${attempt.action}: ${[status, code].filter(Boolean).join(' ')}: ${said}`;
  const options = { cause, status, code, transient: isTransient(error, status, code) };
  if (status === 412) return new PreconditionFailedError(message, options);
  if (status === 404) {
    // S3 answers If-Match on a key that does not exist with 404: the condition does not hold.
    return attempt.conditional === true && code === 'NoSuchKey'
      ? new PreconditionFailedError(message, options)
      : new ObjectNotFoundError(message, options);
  }
  return new ObjectStoreError(message, options);
}

function statusOf(error: ForeignError): number | undefined {
  const status = error.$metadata?.httpStatusCode;
  return typeof status === 'number' ? status : undefined;
}

function codeOf(error: ForeignError, status: number | undefined): string | undefined {
  if (typeof error.code === 'string') return error.code;
  // The SDK makes the S3 code the error's name; a generic name says nothing beside a status.
  const name = typeof error.name === 'string' ? error.name : undefined;
  if (status !== undefined && (name === 'Error' || name === 'UnknownError')) return undefined;
  return name;
}

/** Codes that S3 sends with a 4xx although the same call can succeed later. */
const TRANSIENT_CODES = new Set([
  'ConditionalRequestConflict',
  'OperationAborted',
  'RequestTimeout',
  'TimeoutError',
]);

function isTransient(
  error: ForeignError,
  status: number | undefined,
  code: string | undefined,
): boolean {
  if (code !== undefined && TRANSIENT_CODES.has(code)) return true;
  if (isNetworkError(error)) return true;
  if (status === undefined) return false;
  // Below 400: the answer began well and then could not be read.
  return status < 400 || status === 429 || status >= 500;
}

/** System and HTTP-parser errors of Node; `ERR_…` is a mistake in the call, except a cut stream. */
function isNetworkError({ code }: ForeignError): boolean {
  if (typeof code !== 'string') return false;
  if (code === 'ERR_STREAM_PREMATURE_CLOSE') return true;
  return /^(E(?!RR_)[A-Z]+|HPE_[A-Z_]+)$/.test(code);
}
