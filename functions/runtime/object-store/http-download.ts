import { connect, isIP } from 'node:net';
import type { OnReadOpts, Socket } from 'node:net';

import { readHead } from './http-head.ts';
import type { Head } from './http-head.ts';
import type { TransportLimits } from './s3-transport.ts';

/** A GET. */
export interface DownloadRequest {
  /** `http:` or `https:`. */
  readonly protocol: string;
  /** An IPv6 address in brackets. */
  readonly hostname: string;
  readonly port?: number;
  /** With the query, percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer whose head is there. */
export interface Download extends Head {
  /**
   * Hands the body over piece by piece, in order, once. A piece is only lent: its memory is used again as soon
   * as `onPiece` returns. Rejects when the connection ends first, or with what `onPiece` throws.
   */
  lend(onPiece: (piece: Buffer) => void): Promise<void>;
  /** Ends the connection, whatever is left of the body. */
  destroy(error?: Error): void;
}

/** Of one read from the kernel. */
const PIECE_BYTES = 256 * 1024;
/** S3's own heads are below 2 kB. */
const MAX_HEAD_BYTES = 64 * 1024;

/** What a socket does with what arrives; false: nothing more for now. */
type OnBytes = (bytes: Buffer) => boolean;

/**
 * Sends a GET on a connection of its own and resolves with the head of the answer.
 *
 * Node's client makes a buffer for every piece, which is parsed, queued and collected: for 150 MB that takes
 * half a second. Here all pieces come in one buffer (`onread` of `node:net`).
 */
export async function openDownload(
  request: DownloadRequest,
  limits: TransportLimits,
  signal: AbortSignal | undefined,
): Promise<Download> {
  throwIfAborted(signal);
  let onBytes: OnBytes = () => false;
  const open = request.protocol === 'https:' ? await secure() : connect;
  // Meanwhile the signal may have aborted, and tells that only once.
  throwIfAborted(signal);
  const socket = open(optionsOf(request, (bytes) => onBytes(bytes)));
  limitTime(socket, limits);
  const abort = (): void => void socket.destroy(abortError(signal));
  signal?.addEventListener('abort', abort);
  socket.once('close', () => signal?.removeEventListener('abort', abort));
  const ended = whenEnded(socket);
  socket.write(requestText(request));

  const head = await new Promise<Head & { readonly received: Buffer }>((resolve, reject) => {
    let received = Buffer.alloc(0);
    ended.listen(reject);
    onBytes = (bytes) => {
      received = Buffer.concat([received, bytes]);
      try {
        const found = readHead(received);
        if (found === undefined && received.length > MAX_HEAD_BYTES) throw tooLong();
        if (found === undefined) return true;
        resolve({ ...found, received });
      } catch (cause) {
        socket.destroy(cause as Error);
      }
      // The body waits until somebody reads it.
      return false;
    };
  });

  const lend = (onPiece: (piece: Buffer) => void): Promise<void> =>
    new Promise((done, failed) => {
      let left = head.contentLength ?? Infinity;
      onBytes = (bytes) => {
        const piece = bytes.subarray(0, Math.min(bytes.length, left));
        left -= piece.length;
        try {
          onPiece(piece);
        } catch (cause) {
          failed(cause);
          socket.destroy();
          return false;
        }
        if (left > 0) return true;
        done();
        socket.destroy();
        return false;
      };
      const first = head.received.subarray(head.bodyStart);
      const goesOn = (left > 0 && first.length === 0) || onBytes(first);
      ended.listen((error) => {
        // Without a length, the end of the connection is the end of the body.
        if (left === Infinity && error instanceof ClosedEarly) done();
        else failed(error);
      });
      if (goesOn) socket.resume();
    });
  return { ...head, lend, destroy: (error) => void socket.destroy(error) };
}

/** The connection closed in good order, and too soon. */
class ClosedEarly extends Error {
  readonly code = 'ERR_STREAM_PREMATURE_CLOSE';
}

/** Tells the newest listener how a connection ended, also when it has ended before. */
function whenEnded(socket: Socket): { listen(listener: (error: Error) => void): void } {
  let tell: (error: Error) => void = () => {};
  let failure: Error | undefined;
  let end: Error | undefined;
  socket.on('error', (cause) => (failure = cause));
  socket.once('close', () => {
    end = failure ?? new ClosedEarly('The connection closed before the end of the body');
    tell(end);
  });
  return {
    listen(listener) {
      tell = listener;
      if (end !== undefined) listener(end);
    },
  };
}

interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  /** For TLS. */
  readonly servername: string;
  readonly onread: OnReadOpts;
}

function optionsOf(
  { protocol, hostname, port }: DownloadRequest,
  onBytes: OnBytes,
): ConnectOptions {
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    host,
    port: port ?? (protocol === 'https:' ? 443 : 80),
    // A name is sent, an address is not: RFC 6066, 3.
    servername: isIP(host) === 0 ? host : '',
    onread: { buffer, callback: (size: number) => onBytes(buffer.subarray(0, size)) },
  };
}

/** Loaded when it is needed, as in `S3Transport`. */
async function secure(): Promise<(options: ConnectOptions) => Socket> {
  const { connect: connectTls } = await import('node:tls');
  return connectTls;
}

function requestText({ path, headers }: DownloadRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}connection: close\r\n\r\n`;
}

function limitTime(socket: Socket, { connectTimeoutMs, idleTimeoutMs }: TransportLimits): void {
  const giveUp = (message: string): void =>
    // The name by which it is known that a retry makes sense.
    void socket.destroy(Object.assign(new Error(message), { name: 'TimeoutError' }));
  const timer = setTimeout(
    () => giveUp(`No connection to the store in ${connectTimeoutMs} ms`),
    connectTimeoutMs,
  );
  socket.once('close', () => clearTimeout(timer));
  socket.once('connect', () => {
    clearTimeout(timer);
    socket.setTimeout(idleTimeoutMs, () => {
      giveUp(`No byte from the store for ${idleTimeoutMs} ms`);
    });
  });
}

function tooLong(): Error {
  return Object.assign(new Error('The head of the answer is too long'), {
    code: 'HPE_HEADER_OVERFLOW',
  });
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal);
}

/** `AbortError` is the name by which it is known that a retry makes no sense. */
function abortError(signal: AbortSignal | undefined): Error {
  return Object.assign(new Error('The call was aborted', { cause: signal?.reason }), {
    name: 'AbortError',
  });
}
