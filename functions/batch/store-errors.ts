import { InvalidRequestError, StorageUnavailableError } from '../runtime/errors.ts';
import { ObjectStoreError } from '../runtime/object-store/errors.ts';
import type { Route } from '../serving/http/route.ts';

const RETRY_AFTER_SECONDS = 5;

/**
 * The routes, with failures of the object store as callers understand them: a key that the store does not take is the
 * request's fault, everything else passes.
 */
export function withStoreErrors(routes: readonly Route[]): Route[] {
  return routes.map((route) => ({
    ...route,
    async handle(...request) {
      try {
        return await route.handle(...request);
      } catch (cause) {
        throw cause instanceof ObjectStoreError ? ofStore(cause) : cause;
      }
    },
  }));
}

function ofStore(cause: ObjectStoreError): Error {
  if (cause.status === 400) {
    return new InvalidRequestError('The object store does not take a key of the request', {
      cause,
    });
  }
  return new StorageUnavailableError('The object store does not answer now', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    cause,
  });
}
