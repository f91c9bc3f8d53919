/** The head of an HTTP answer. */
export interface Head {
  readonly status: number;
  /** Names in lower case; several of one name are joined. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the body starts in the bytes that were read. */
  readonly bodyStart: number;
  /** Undefined when the answer does not say it: the body is chunked, or goes on to the end of the connection. */
  readonly contentLength: number | undefined;
}

const END = Buffer.from('\r\n\r\n');

/**
 * The head at the beginning of `bytes`; undefined while it is not all there. Interim answers (1xx) are passed
 * over. RFC 9112, 4 and 5.
 * @throws {Error} When it is no head of HTTP/1.1.
 */
export function readHead(bytes: Buffer, from = 0): Head | undefined {
  const end = bytes.indexOf(END, from);
  if (end === -1) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', from, end).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw malformed();
  const bodyStart = end + END.length;
  if (status < 200) return readHead(bytes, bodyStart);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, text = ''] = /^([!#$%&'*+.^_`|~\w-]+):(.*)$/.exec(line) ?? [];
    if (name === undefined) throw malformed();
    const key = name.toLowerCase();
    const value = text.trim();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  const length = headers['content-length'];
  if (headers['transfer-encoding'] !== undefined || length === undefined) {
    return { status, headers, bodyStart, contentLength: undefined };
  }
  if (!/^\d+$/.test(length)) throw malformed();
  return { status, headers, bodyStart, contentLength: Number(length) };
}

function malformed(): Error {
  return Object.assign(new Error('The answer is not HTTP/1.1'), { code: 'HPE_INVALID_CONSTANT' });
}
