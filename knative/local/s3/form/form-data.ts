import { S3Error } from '../s3-error.ts';

/** The form of an upload, up to and with the head of its file. */
export interface UploadForm {
  /** Lower-case names. */
  readonly fields: ReadonlyMap<string, string>;
  /** As the sender named it; without the folders that some browsers send. */
  readonly fileName: string;
  /** To be read to its end: what follows it in the form is ignored, as S3 does. */
  readonly file: AsyncIterable<Buffer>;
}

const MAX_FIELDS_BYTES = 64 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');
const NAME = /;\s*name="((?:[^"\\]|\\.)*)"/i;
const FILE_NAME = /;\s*filename="((?:[^"\\]|\\.)*)"/i;

/**
 * Reads a `multipart/form-data` body (https://www.rfc-editor.org/rfc/rfc7578) while it arrives.
 * @throws {S3Error} `MalformedPOSTRequest` when it is none, or has no file.
 */
export async function readUploadForm(
  contentType: string,
  body: AsyncIterable<Buffer>,
): Promise<UploadForm> {
  const [, quoted, plain] =
    /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw new S3Error('MalformedPOSTRequest');
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter has no line before it; with this one it looks like the others.
  const bytes = new Window(body, Buffer.from('\r\n'));
  await bytes.until(delimiter, MAX_FIELDS_BYTES);
  const fields = new Map<string, string>();
  let left = MAX_FIELDS_BYTES;
  for (;;) {
    const head = await bytes.until(HEAD_END, left);
    // After the last delimiter comes `--`, after the others a line's end.
    if (!head.startsWith('\r\n')) throw new S3Error('MalformedPOSTRequest');
    const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? '';
    const name = unquoted(NAME.exec(disposition)?.[1] ?? '').toLowerCase();
    if (name === 'file') {
      const path = unquoted(FILE_NAME.exec(disposition)?.[1] ?? '');
      return { fields, fileName: path.replace(/^.*[/\\]/, ''), file: bytes.upTo(delimiter) };
    }
    const value = await bytes.until(delimiter, left);
    left -= head.length + value.length;
    if (name !== '' && !fields.has(name)) fields.set(name, value);
  }
}

function unquoted(text: string): string {
  return text.replaceAll('%22', '"').replace(/\\(["\\])/g, '$1');
}

/** Bytes that arrive, and as few of them in memory as it takes to find a mark. */
class Window {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer;

  constructor(source: AsyncIterable<Buffer>, first: Buffer) {
    this.#source = source[Symbol.asyncIterator]();
    this.#held = first;
  }

  /** The text before `mark`, which is passed over. */
  async until(mark: Buffer, maxBytes: number): Promise<string> {
    for (;;) {
      const at = this.#held.indexOf(mark);
      if (at >= 0 && at <= maxBytes) {
        const text = this.#held.subarray(0, at).toString();
        this.#held = this.#held.subarray(at + mark.length);
        return text;
      }
      if (at >= 0 || this.#held.length > maxBytes + mark.length) {
        throw new S3Error('MalformedPOSTRequest', 'The fields before the file are too large.');
      }
      await this.#more();
    }
  }

  /** The bytes before `mark`; what comes after it is read and dropped, so that the body is read whole. */
  async *upTo(mark: Buffer): AsyncGenerator<Buffer, void> {
    for (;;) {
      const at = this.#held.indexOf(mark);
      if (at >= 0) {
        if (at > 0) yield this.#held.subarray(0, at);
        break;
      }
      // The mark may have begun at the end of what is there.
      const sure = this.#held.length - mark.length + 1;
      if (sure > 0) {
        yield this.#held.subarray(0, sure);
        this.#held = this.#held.subarray(sure);
      }
      await this.#more();
    }
    while (!(await this.#source.next()).done);
  }

  async #more(): Promise<void> {
    const next = await this.#source.next();
    if (next.done === true) throw new S3Error('MalformedPOSTRequest', 'The form has no end.');
    this.#held = Buffer.concat([this.#held, next.value]);
  }
}
