import type { IncomingMessage } from 'node:http';

/** Between us and one neighbour only: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Header lines of `message` as a flat list of names and values, without those for one hop only. */
export function endToEndHeaders(message: IncomingMessage): string[] {
  const named = (message.headers.connection ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  const lines: string[] = [];
  const { rawHeaders } = message;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    if (!HOP_BY_HOP.has(lower) && !named.includes(lower)) {
      lines.push(name, rawHeaders[index + 1] ?? '');
    }
  }
  return lines;
}

/** Who asked whom: what Knative's ingress and queue-proxy add to a request. */
export function forwardedHeaders(request: IncomingMessage): string[] {
  const client = request.socket.remoteAddress ?? '';
  const host = request.headers.host ?? '';
  const before = request.headers['x-forwarded-for'];
  return [
    'X-Forwarded-For',
    before === undefined ? client : `${String(before)}, ${client}`,
    'X-Forwarded-Proto',
    'http',
    'X-Forwarded-Host',
    host,
    'Forwarded',
    `for=${client};host="${host}";proto=http`,
  ];
}

/** The same lines without those called one of `names` (lower case). */
export function withoutHeaders(lines: readonly string[], names: readonly string[]): string[] {
  return lines.filter((_, index) => {
    const name = lines[index - (index % 2)] ?? '';
    return !names.includes(name.toLowerCase());
  });
}
