import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

import { headersOf } from './respond.ts';
import type { RequestContext } from './request-context.ts';
import type { StreamedReply } from './route.ts';
import { wantedUntil } from './wanted-until.ts';

/**
 * Sends an answer as it is written, no faster than the client takes it. Resolves when it is out whole.
 *
 * Until the first piece is there nothing is sent, so that a failure before it is an error like any other;
 * after it, the connection is cut: that is how a client can tell that the answer is not whole.
 * @param onStart Called when the head is on its way.
 * @throws {ClientGoneError} When the client went first.
 * @throws {InferenceTimeoutError} When the deadline passed first.
 * @throws Whatever the stream throws.
 */
export async function sendStream(
  response: ServerResponse,
  context: RequestContext,
  reply: StreamedReply,
  onStart: () => void,
): Promise<void> {
  const iterator = reply.stream[Symbol.asyncIterator]();
  const { signal, done } = wantedUntil(context, reply.deadlineMs);
  const ended = whenAborted(signal);
  try {
    let next = await Promise.race([iterator.next(), ended]);
    response.writeHead(reply.status, headersOf(context, reply));
    onStart();
    if (context.method === 'HEAD') {
      response.end();
      await iterator.return?.();
      return;
    }
    while (next.done !== true) {
      if (!response.write(next.value)) await Promise.race([once(response, 'drain'), ended]);
      next = await Promise.race([iterator.next(), ended]);
    }
    response.end();
    await Promise.race([once(response, 'close'), ended]);
  } catch (cause) {
    if (response.headersSent) response.destroy();
    // Not waited for: a generator in the middle of something takes its end only after that.
    iterator.return?.().catch(() => {});
    throw cause;
  } finally {
    done();
  }
}

/** Rejects with the signal's reason; nobody has to listen. */
function whenAborted(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
  aborted.catch(() => {});
  return aborted;
}
