import type { ServerResponse } from 'node:http';

import type { RevisionSpec } from '../manifests/read-services.ts';

/** A request took longer than its Service allows. */
export class RequestExpiredError extends Error {
  override readonly name = 'RequestExpiredError';

  constructor() {
    // The text that queue-proxy answers with.
    super('request timeout');
  }
}

/** The client went away before its answer was complete. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';

  constructor() {
    super('the client closed the connection');
  }
}

/** A request's end, planned or not. */
export interface Deadline {
  /** Aborted with a {@link RequestExpiredError} or a {@link ClientGoneError}. */
  readonly signal: AbortSignal;
  /** The first byte of the answer is there: from now on only `timeoutSeconds` counts. */
  started(): void;
}

/**
 * Watches one request. The clock starts now, before a process does: in the cluster the activator counts the
 * start of the pod too.
 */
export function watchDeadline(response: ServerResponse, revision: RevisionSpec): Deadline {
  const controller = new AbortController();
  const expire = (): void => controller.abort(new RequestExpiredError());
  const start = setTimeout(expire, revision.responseStartTimeoutMs);
  const total = setTimeout(expire, revision.timeoutMs);
  response.once('close', () => {
    clearTimeout(start);
    clearTimeout(total);
    if (!response.writableFinished) controller.abort(new ClientGoneError());
  });
  return { signal: controller.signal, started: () => clearTimeout(start) };
}
