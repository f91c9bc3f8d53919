import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A connection on which a test decides every byte. */
export interface RawConnection {
  /** Resolves when the system has the bytes. Nothing happens when the other side has closed already. */
  send(bytes: string | Uint8Array): Promise<void>;
  /** The next answer, whole. @throws {Error} When the connection ends first. */
  answer(options?: { readonly toHead?: boolean }): Promise<RawAnswer>;
  /** Resolves when the server has ended the connection: everything it sent is read, or it was reset. */
  readonly ended: Promise<void>;
  /**
   * Sends the same bytes again and again until the system says that the other side is closed for good, and
   * returns how many were sent; not more than `atMost`.
   */
  sendUntilReset(bytes: string, atMost: number, everyMs?: number): Promise<number>;
  /** Closes with a reset, as a crashed client's system does. */
  reset(): void;
  close(): void;
}

/** Opens a connection; it stays half open when the server ends its side, as a careless client's does. */
export async function openRaw(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const changes = new EventEmitter();
  let received = Buffer.alloc(0);
  let over = false;
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    changes.emit('change');
  });
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close']) {
      socket.once(event, () => {
        over = true;
        changes.emit('change');
        resolve();
      });
    }
  });
  await once(socket, 'connect');
  // A reset is an end like any other; who waits for an answer is told that there is none.
  socket.on('error', () => {});
  return {
    send: (bytes) => sent(socket, bytes),
    async answer({ toHead = false } = {}) {
      for (;;) {
        const parsed = parse(received, toHead);
        if (parsed !== undefined) {
          received = received.subarray(parsed.bytes);
          return parsed.answer;
        }
        if (over)
          throw new Error(`The connection ended, after ${JSON.stringify(String(received))}`);
        await once(changes, 'change');
      }
    },
    ended,
    async sendUntilReset(bytes, atMost, everyMs = 0) {
      let total = 0;
      while (!socket.destroyed && total < atMost) {
        await sent(socket, bytes);
        await delay(everyMs);
        total += bytes.length;
      }
      return total;
    },
    reset: () => socket.resetAndDestroy(),
    close: () => socket.destroy(),
  };
}

/** One request on a connection of its own, and its answer. */
export async function rawRequest(
  port: number,
  bytes: string | Uint8Array,
  options?: { readonly toHead?: boolean },
): Promise<RawAnswer> {
  const connection = await openRaw(port);
  try {
    await connection.send(bytes);
    return await connection.answer(options);
  } finally {
    connection.close();
  }
}

/** The bytes of a request; `Host` and, with a body, `Content-Length` are added. */
export function requestText(
  start: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): string {
  const lines = Object.entries({
    Host: 'test',
    ...(body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${start} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

function sent(socket: Socket, bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.write(bytes, () => resolve());
  });
}

/** The first whole answer in `received`, and its length. */
function parse(
  received: Buffer,
  toHead: boolean,
): { readonly answer: RawAnswer; readonly bytes: number } | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [statusLine = '', ...lines] = received
    .subarray(0, headEnd)
    .toString('latin1')
    .split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  if (headers['transfer-encoding'] !== undefined)
    throw new Error('A chunked answer is not read here');
  const start = headEnd + 4;
  const bodyBytes = toHead || status < 200 ? 0 : Number(headers['content-length']);
  if (received.length < start + bodyBytes) return undefined;
  const body = received.subarray(start, start + bodyBytes).toString();
  return { answer: { status, headers, body }, bytes: start + bodyBytes };
}
