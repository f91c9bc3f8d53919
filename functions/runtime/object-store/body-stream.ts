import { Readable } from 'node:stream';

import type { LentBody } from './object-store.ts';

/**
 * The same bytes as `source`, whose failures come out as `toError` makes them. A source that closes
 * before its end is a failure too. Destroying the result destroys `source`.
 */
export function bodyStream(source: Readable, toError: (cause: unknown) => Error): Readable {
  const body = new Readable({
    read() {
      source.resume();
    },
    destroy(error, done) {
      source.destroy();
      done(error);
    },
  });
  source.on('data', (chunk: Buffer) => {
    if (!body.push(chunk)) source.pause();
  });
  source.once('end', () => body.push(null));
  source.on('error', (cause) => body.destroy(toError(cause)));
  source.once('close', () => {
    if (source.readableEnded || body.destroyed) return;
    const premature = new Error('The connection closed before the end of the body');
    body.destroy(toError(Object.assign(premature, { code: 'ERR_STREAM_PREMATURE_CLOSE' })));
  });
  return body;
}

/** All bytes of `body`, which must be exactly `sizeBytes`; undefined when they are not. */
export async function readExactly(body: Readable, sizeBytes: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(sizeBytes);
  let filled = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (filled + chunk.length > sizeBytes) return undefined;
    filled += chunk.copy(bytes, filled);
  }
  return filled === sizeBytes ? bytes : undefined;
}

/** A stream's bytes, lent. */
export function lendStream(body: Readable): LentBody {
  return {
    async lend(onPiece) {
      for await (const piece of body as AsyncIterable<Buffer>) onPiece(piece);
    },
    destroy: (error) => void body.destroy(error),
  };
}
