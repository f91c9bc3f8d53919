import { InvalidRequestError } from '../../runtime/errors.ts';
import { mediaTypeName, parseParameters } from './media-type.ts';
import type { MediaType } from './media-type.ts';

/** One part of a form. */
export interface Part {
  readonly name: string;
  readonly filename?: string;
  /** In lower case, without parameters. */
  readonly mediaType?: string;
  /** A view of the body, not a copy. */
  readonly data: Buffer;
}

/** More parts than any form has; each costs an object. */
const MAX_PARTS = 1024;
const MAX_PART_HEADER_BYTES = 4096;
const MAX_NAME_LENGTH = 200;

/** RFC 2046, 5.1.1: at most 70 of these, the last no blank. */
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;

/**
 * The parts of a `multipart/form-data` body (RFC 7578), in order. The body is whole and bounded, so nothing is
 * copied and nothing touches a disk.
 * @throws {InvalidRequestError} When it is not whole, not well formed, or beyond the bounds above.
 */
export function parseMultipart(body: Buffer, { parameters }: MediaType): Part[] {
  const boundary = parameters['boundary'];
  if (boundary === undefined) throw invalid('Content-Type names no boundary');
  if (!BOUNDARY.test(boundary)) throw invalid('the boundary of Content-Type is not valid');
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');

  const parts: Part[] = [];
  let at = firstDelimiter(body, delimiter);
  for (;;) {
    const start = afterDelimiter(body, at);
    if (start === 'closed') return parts;
    if (parts.length === MAX_PARTS) throw invalid(`it has more than ${MAX_PARTS} parts`);
    const end = body.indexOf(delimiter, start - 2);
    if (end === -1) throw invalid('it ends before its last boundary');
    // An empty head, its line end shared with the delimiter before.
    parts.push(readPart(body.subarray(start, Math.max(start, end))));
    at = end + delimiter.length;
  }
}

/** The end of the first delimiter, which may stand at the very start and so without its line end. */
function firstDelimiter(body: Buffer, delimiter: Buffer): number {
  const bare = delimiter.subarray(2);
  if (body.subarray(0, bare.length).equals(bare)) return bare.length;
  const found = body.indexOf(delimiter);
  if (found === -1) throw invalid('the boundary that Content-Type names is not in it');
  return found + delimiter.length;
}

/** Where the part after a delimiter starts; `closed` after the last one, whatever follows. */
function afterDelimiter(body: Buffer, end: number): number | 'closed' {
  let at = end;
  if (body[at] === DASH && body[at + 1] === DASH) return 'closed';
  while (body[at] === SPACE || body[at] === TAB) at += 1;
  if (body[at] === CR && body[at + 1] === LF) return at + 2;
  throw invalid(
    at >= body.length - 1
      ? 'it ends before its last boundary'
      : 'a boundary is not followed by a line end (CR LF)',
  );
}

const [TAB, LF, CR, SPACE, DASH] = [9, 10, 13, 32, 45];

function readPart(part: Buffer): Part {
  const headEnd = part.subarray(0, MAX_PART_HEADER_BYTES).indexOf('\r\n\r\n');
  if (headEnd === -1) {
    throw invalid(
      part.length > MAX_PART_HEADER_BYTES
        ? `the head of a part is longer than ${MAX_PART_HEADER_BYTES} bytes`
        : 'a part has no head that ends in an empty line',
    );
  }
  const headers = readHeaders(part.subarray(0, headEnd).toString('utf8'));
  const { name, filename } = readDisposition(headers.get('content-disposition'));
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase() ?? 'binary';
  if (!['binary', '7bit', '8bit'].includes(encoding)) {
    throw invalid('a part has a Content-Transfer-Encoding: send its bytes as they are');
  }
  const mediaType = headers.get('content-type');
  return {
    name,
    data: part.subarray(headEnd + 4),
    ...(filename === undefined ? {} : { filename }),
    ...(mediaType === undefined ? {} : { mediaType: mediaTypeName(mediaType) }),
  };
}

function readHeaders(head: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.split('\r\n')) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\r\n\0]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw invalid('a header of a part is not valid');
    if (headers.has(name.toLowerCase())) throw invalid('a part has a header twice');
    headers.set(name.toLowerCase(), value.trimEnd());
  }
  return headers;
}

/** Browsers escape these three in names (https://html.spec.whatwg.org/#multipart-form-data). */
const ESCAPED: Readonly<Record<string, string>> = { '%22': '"', '%0D': '\r', '%0A': '\n' };

function readDisposition(header: string | undefined): { name: string; filename?: string } {
  const [, type, rest] = /^([^;\s]+)[ \t]*(.*)$/s.exec(header ?? '') ?? [];
  if (type?.toLowerCase() !== 'form-data' || rest === undefined) {
    throw invalid('a part has no Content-Disposition: form-data');
  }
  const { name, filename } = parseParameters(rest, 'Content-Disposition');
  if (name === undefined || name === '') throw invalid('a part has no name');
  if (name.length > MAX_NAME_LENGTH) {
    throw invalid(`a part has a name of more than ${MAX_NAME_LENGTH} characters`);
  }
  return {
    name: unescape(name),
    ...(filename === undefined ? {} : { filename: unescape(filename) }),
  };
}

function unescape(text: string): string {
  return text.replaceAll(/%(?:22|0D|0A)/gi, (escape) => ESCAPED[escape.toUpperCase()] ?? escape);
}

function invalid(why: string): InvalidRequestError {
  return new InvalidRequestError(`The multipart body is not valid: ${why}`);
}
