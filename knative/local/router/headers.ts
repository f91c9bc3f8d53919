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

/**
 * Who asked whom: what Knative's ingress and queue-proxy add to a request. What the client, or a proxy
 * before us, says of itself stays, as it does behind Kourier; only the chain of addresses grows.
 */
export function forwardedHeaders({ headers, socket }: IncomingMessage): string[] {
  const client = socket.remoteAddress ?? '';
  const host = headers.host ?? '';
  const before = headers['x-forwarded-for'];
  const added = ['X-Forwarded-For', before === undefined ? client : `${String(before)}, ${client}`];
  const own = {
    'X-Forwarded-Proto': 'http',
    'X-Forwarded-Host': host,
    Forwarded: `for=${client};host="${host}";proto=http`,
  };
  for (const [name, value] of Object.entries(own)) {
    if (headers[name.toLowerCase()] === undefined) added.push(name, value);
  }
  return added;
}

/** How a request found its revision. */
export interface Route {
  /** The tag in its host name or path. */
  readonly addressTag: string | undefined;
  /** Whether it goes by percent: it asked for no tag, or for one that there is not. */
  readonly isDefault: boolean;
}

/**
 * Headers that a client cannot send: Knative's activator goes by the first two and takes them off, its
 * ingress sets the others (knative/serving, `pkg/activator/activator.go`, `pkg/reconciler/route/resources/ingress.go`).
 */
export function replacedHeaders({ addressTag, isDefault }: Route): string[] {
  return [
    'knative-serving-revision',
    'knative-serving-namespace',
    'k-proxy-request',
    ...(isDefault ? ['knative-serving-default-route'] : []),
    ...(addressTag === undefined ? [] : ['knative-serving-tag']),
  ];
}

/** What Knative tells a function of its route, with `tag-header-based-routing` on and the activator in the path. */
export function routeHeaders({ addressTag, isDefault }: Route): string[] {
  return [
    'K-Proxy-Request',
    'activator',
    ...(isDefault ? ['Knative-Serving-Default-Route', 'true'] : []),
    ...(addressTag === undefined ? [] : ['Knative-Serving-Tag', addressTag]),
  ];
}

/** The same lines without those called one of `names` (lower case). */
export function withoutHeaders(lines: readonly string[], names: readonly string[]): string[] {
  return lines.filter((_, index) => {
    const name = lines[index - (index % 2)] ?? '';
    return !names.includes(name.toLowerCase());
  });
}
