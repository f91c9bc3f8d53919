import { describe, expect, it } from 'vitest';

import * as errors from '../../../../functions/runtime/errors.ts';
import type { ErrorCode, InferenceEngineError } from '../../../../functions/runtime/errors.ts';

const plain = (Class: new (message: string) => InferenceEngineError): InferenceEngineError =>
  new Class('no');

/** One error of each class, its code, and its status on a request and on the event path. */
const TABLE: readonly (readonly [InferenceEngineError, ErrorCode, number, number])[] = [
  [plain(errors.InvalidRequestError), 'INVALID_REQUEST', 400, 400],
  [plain(errors.InvalidImageError), 'INVALID_IMAGE', 400, 400],
  [plain(errors.ResponseTooLargeError), 'RESPONSE_TOO_LARGE', 400, 400],
  [plain(errors.UnauthorizedError), 'UNAUTHORIZED', 401, 400],
  [plain(errors.ForbiddenError), 'FORBIDDEN', 403, 400],
  [plain(errors.ModelNotFoundError), 'MODEL_NOT_FOUND', 404, 400],
  [plain(errors.NotFoundError), 'NOT_FOUND', 404, 400],
  [plain(errors.MethodNotAllowedError), 'METHOD_NOT_ALLOWED', 405, 400],
  [plain(errors.NotAcceptableError), 'NOT_ACCEPTABLE', 406, 400],
  [plain(errors.RequestTimeoutError), 'REQUEST_TIMEOUT', 408, 408],
  [plain(errors.ConflictError), 'CONFLICT', 409, 409],
  [plain(errors.PayloadTooLargeError), 'PAYLOAD_TOO_LARGE', 413, 400],
  [plain(errors.UnsupportedMediaTypeError), 'UNSUPPORTED_MEDIA_TYPE', 415, 400],
  [plain(errors.RangeNotSatisfiableError), 'RANGE_NOT_SATISFIABLE', 416, 400],
  [plain(errors.QueueFullError), 'QUEUE_FULL', 429, 429],
  [plain(errors.RateLimitedError), 'RATE_LIMITED', 429, 429],
  [plain(errors.HeadersTooLargeError), 'HEADERS_TOO_LARGE', 431, 400],
  [plain(errors.InferenceError), 'INFERENCE_FAILED', 500, 500],
  [new errors.ModelLoadError('no', { permanent: false }), 'MODEL_LOAD', 503, 503],
  [plain(errors.ShuttingDownError), 'SHUTTING_DOWN', 503, 503],
  [plain(errors.StorageUnavailableError), 'STORAGE_UNAVAILABLE', 503, 503],
  [plain(errors.BrokerUnavailableError), 'BROKER_UNAVAILABLE', 503, 503],
  [plain(errors.InferenceTimeoutError), 'INFERENCE_TIMEOUT', 504, 504],
  [new errors.ConfigurationError(['no']), 'CONFIGURATION', 500, 500],
];

describe('the error table', () => {
  it.each(TABLE)('%s is %s: %i, and %i on the event path', (error, code, status, event) => {
    expect(error.code).toBe(code);
    expect(error.status).toBe(status);
    expect(errors.ERROR_TABLE[code].event).toBe(event);
    expect(error).toBeInstanceOf(errors.InferenceEngineError);
    expect(error.name).toBe(error.constructor.name);
  });

  it('has no code without a class, and no class without a code', () => {
    const classes = Object.values(errors).filter(
      (value) => typeof value === 'function' && value.prototype instanceof Error,
    );

    expect(TABLE.map(([, code]) => code).toSorted()).toEqual(
      Object.keys(errors.ERROR_TABLE).toSorted(),
    );
    // The base class is abstract.
    expect(classes).toHaveLength(TABLE.length + 1);
  });

  it('calls retriable just what Knative retries', () => {
    const retried = (status: number): boolean =>
      status >= 500 || [404, 408, 409, 429].includes(status);

    for (const [code, { event, retriable }] of Object.entries(errors.ERROR_TABLE)) {
      // A process with a wrong configuration does not run.
      if (code !== 'CONFIGURATION') expect(retriable, code).toBe(retried(event));
    }
  });

  it('never uses 422', () => {
    expect(Object.values(errors.ERROR_TABLE).map(({ status }) => status)).not.toContain(422);
  });
});

describe('toInferenceEngineError()', () => {
  it('passes our own errors as they are', () => {
    const error = new errors.QueueFullError('full', { retryAfterSeconds: 3 });

    expect(errors.toInferenceEngineError(error)).toBe(error);
  });

  it.each([
    ['an error', new Error('password is hunter2')],
    ['a string', 'password is hunter2'],
    ['nothing', undefined],
    ['an object that only looks like ours', { code: 'INVALID_REQUEST', status: 400 }],
  ])(
    'makes %s an InferenceError that says nothing of it, and keeps it as the cause',
    (_what, thrown) => {
      const error = errors.toInferenceEngineError(thrown);

      expect(error).toBeInstanceOf(errors.InferenceError);
      expect(error.status).toBe(500);
      expect(error.message).toBe('The request failed inside the server');
      expect(error.cause).toBe(thrown);
    },
  );
});

describe('ConfigurationError', () => {
  it('lists its faults in its message', () => {
    const error = new errors.ConfigurationError(['A: wrong', 'B: missing']);

    expect(error.message).toBe('Configuration is not valid:\n  A: wrong\n  B: missing');
  });
});
