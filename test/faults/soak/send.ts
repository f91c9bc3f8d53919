import { request } from 'node:http';
import type { Agent } from 'node:http';

import type { Disconnect } from './request-plan.ts';

/** An answer, or `gone` when the client went away before it had one. */
export type Outcome =
  | 'gone'
  | {
      readonly status: number;
      readonly retryAfter: string | undefined;
      readonly text: string;
    };

/** What to send, and when to go away. */
export interface ToSend {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly disconnect: Disconnect | undefined;
}

/**
 * Sends one request on a connection of the agent.
 * @throws {Error} When the connection breaks and it was not the client who broke it.
 */
export function send(
  url: URL,
  agent: Agent,
  { body, headers, disconnect }: ToSend,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...headers,
      },
    });
    let hasLeft = false;
    const leave = (): void => {
      hasLeft = true;
      outgoing.destroy();
      resolve('gone');
    };
    outgoing.on('error', (error) => (hasLeft ? resolve('gone') : reject(error)));
    outgoing.on('response', (response) => {
      if (disconnect === 'in-answer') {
        leave();
        return;
      }
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        const retryAfter = response.headers['retry-after'];
        resolve({ status: response.statusCode ?? 0, retryAfter, text });
      });
    });
    if (disconnect === 'in-body') outgoing.write(body.slice(0, body.length >> 1), leave);
    else outgoing.end(body, disconnect === 'after-body' ? leave : undefined);
  });
}
