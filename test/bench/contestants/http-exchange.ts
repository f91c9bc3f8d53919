import type { Question } from './question.ts';

/** A whole answer of a server. */
export interface RawReply {
  readonly status: number;
  readonly body: Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** The bytes of one `POST /predict`. */
export function predictRequest({ body }: Pick<Question, 'body'>): Buffer {
  const head =
    'POST /predict HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n' +
    `content-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/**
 * Reads answers from the bytes of a connection; it asks for what every contestant sends, a
 * `content-length`. Cheaper than Node's client, so that the generator does not become the limit.
 */
export class ReplyReader {
  #buffered: Buffer = Buffer.alloc(0);

  /** Adds what has arrived; the answer once it is whole. One request is under way at a time. */
  push(chunk: Buffer): RawReply | undefined {
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    const headEnd = this.#buffered.indexOf(HEAD_END);
    if (headEnd === -1) return undefined;
    const head = this.#buffered.toString('latin1', 0, headEnd);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error(`An answer without content-length: ${head}`);
    const bodyStart = headEnd + HEAD_END.length;
    const end = bodyStart + Number(length);
    if (this.#buffered.length < end) return undefined;
    const body = this.#buffered.subarray(bodyStart, end);
    this.#buffered = this.#buffered.subarray(end);
    return { status: Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3)), body };
  }
}
