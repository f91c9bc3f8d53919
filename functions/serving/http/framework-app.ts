import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';

/** A function as the functions framework calls it; it must settle every request itself. */
export type HttpFunction = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Registers a function with the functions framework under its name, as `http(name, handler)` does in any
 * function of the framework.
 */
export function registerFunction(name: string, handler: HttpFunction): void {
  http(name, async (request, response) => {
    await handler(request, response);
  });
}

/**
 * The framework's own request listener for a registered function. Its server is not used: that one takes
 * bodies of 1 GiB and cannot drain (5.0.5, `src/server.ts`, `src/invoker.ts`).
 * @throws {Error} When the framework's server has no listener: it is not the version we were written for.
 */
export function frameworkApp(name: string): RequestListener {
  const [listener] = getTestServer(name).listeners('request');
  if (listener === undefined) throw new Error('The framework gave a server without a listener');
  return listener as RequestListener;
}
