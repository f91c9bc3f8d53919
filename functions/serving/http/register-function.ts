import type { IncomingMessage, ServerResponse } from 'node:http';

import { http } from '@google-cloud/functions-framework';

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
