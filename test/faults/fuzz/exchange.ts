import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { FuzzCase } from './plan-case.ts';

/** One answer of a connection. */
export interface FuzzAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Sends a case on a connection of its own and reads until the server has closed it.
 * @throws {Error} When it has not by `hangMs`, or what came is not whole answers.
 */
export async function exchange(
  port: number,
  { pieces, methods }: FuzzCase,
  hangMs: number,
): Promise<FuzzAnswer[]> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const received: Buffer[] = [];
  const hung = AbortSignal.timeout(hangMs);
  const over = new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('end', resolve);
    socket.on('close', () => resolve());
    // A server may reset what it has refused.
    socket.on('error', () => resolve());
    hung.addEventListener('abort', () => {
      reject(
        new Error(
          `hangs, after ${JSON.stringify(Buffer.concat(received).toString('latin1').slice(0, 300))}`,
        ),
      );
    });
  });
  try {
    for (const piece of pieces) {
      if (socket.destroyed) break;
      socket.write(piece);
      if (pieces.length > 1) await nextTurn();
    }
    await over;
  } finally {
    socket.destroy();
  }
  return answersIn(Buffer.concat(received), methods);
}

const BRACE = Buffer.from('{');

/** All answers of a connection; the interim ones (1xx) are left out. */
function answersIn(bytes: Buffer, methods: readonly string[]): FuzzAnswer[] {
  const answers: FuzzAnswer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const headEnd = rest.indexOf('\r\n\r\n');
    const [first = '', ...lines] = rest.subarray(0, headEnd).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
    if (headEnd === -1 || Number.isNaN(status)) {
      throw new Error(`no answer: ${JSON.stringify(rest.toString('latin1').slice(0, 300))}`);
    }
    rest = rest.subarray(headEnd + 4);
    if (status < 200) continue;
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    // An answer to what is no HTTP has a body: nobody knows that it was to be a HEAD.
    const isHead = methods[answers.length] === 'HEAD' && !rest.subarray(0, 1).equals(BRACE);
    const isBare = isHead || status === 204 || status === 304;
    const length = isBare ? 0 : Number(headers['content-length'] ?? 0);
    if (headers['transfer-encoding'] === 'chunked' && !isBare) {
      const { body, after } = readChunks(rest);
      answers.push({ status, headers, body });
      rest = after;
      continue;
    }
    if (rest.length < length) throw new Error(`an answer of ${length} bytes has ${rest.length}`);
    answers.push({ status, headers, body: rest.subarray(0, length) });
    rest = rest.subarray(length);
  }
  return answers;
}

/** RFC 9112, 7.1. @throws {Error} When the last chunk is missing. */
function readChunks(bytes: Buffer): { readonly body: Buffer; readonly after: Buffer } {
  const chunks: Buffer[] = [];
  for (let rest = bytes; ;) {
    const lineEnd = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.subarray(0, lineEnd).toString('latin1'), 16);
    if (lineEnd === -1 || Number.isNaN(size)) throw new Error('an answer is cut off');
    const start = lineEnd + 2;
    if (size > 0) chunks.push(rest.subarray(start, start + size));
    rest = rest.subarray(start + size + 2);
    if (size === 0) return { body: Buffer.concat(chunks), after: rest };
  }
}
