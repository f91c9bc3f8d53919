import { seededRandom } from '../../support/seeded-random.ts';
import { below, mutateBytes, mutateJson, oneOf } from './mutate.ts';
import type { Target } from './targets.ts';

/** One case: bytes for a connection of its own, and what is known of them. */
export interface FuzzCase {
  /** With the seed, all that it takes to make the case again. */
  readonly number: number;
  /** Sent one after the other, each when the system has taken the one before. */
  readonly pieces: readonly Buffer[];
  /** Methods of the requests in them, by which answers have content or not. */
  readonly methods: readonly string[];
  /** The path of the last request as it is written. */
  readonly path: string;
  /** What was done, for people. */
  readonly story: string;
}

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'QUERY',
  'post',
  'G\u0000T',
];

const PATHS = [
  '/%',
  '/%00',
  '/..%2f..%2fetc/passwd',
  '//predict',
  '/predict/',
  '/v2/models/%ff/infer',
  '/v2/models//infer',
  '/v1/models/a:b:predict',
  '/v2/models/x/versions/99999999999999999999/infer',
  `/${'a'.repeat(7000)}`,
  '*',
  'predict',
  'http://elsewhere/predict',
  '/predict?top_k=1&top_k=2',
  '/predict?top_k=NaN',
  '/?a[b]=c&__proto__=1',
];

/** Header lines that clients, proxies and attackers have been seen to send. */
const HEADERS = [
  'accept: text/html',
  'accept: ;q=1,,*/*;q=x',
  'accept: image/png',
  'content-type: text/html',
  'content-type: application/json; charset=utf-16',
  'content-type: multipart/form-data',
  'content-type: multipart/form-data; boundary=',
  'content-type: application/octet-stream',
  'content-encoding: gzip',
  'inference-header-content-length: -1',
  'inference-header-content-length: 1e3',
  'inference-header-content-length: 999999999999',
  'inference-header-content-length: 7',
  'x-request-id: \u0001\u00ff',
  `x-request-id: ${'i'.repeat(400)}`,
  'x-request-timeout-ms: 0',
  'x-request-timeout-ms: 1',
  'x-request-timeout-ms: NaN',
  'traceparent: 00-0-0-0',
  'expect: 100-continue',
  'expect: nonsense',
  'prefer: respond-async',
  'origin: null',
  'upgrade: websocket',
  'cookie: a=b',
  'range: bytes=0-1',
  'te: trailers',
  'host: twice',
  'transfer-encoding: gzip',
  'content-length: 3',
  'content-length: -1',
  'no-colon',
  ' folded: line',
  'a\u0000b: c',
  `x-long: ${'l'.repeat(9000)}`,
];

/** The case of a number: the same one for the same seed, whatever came before. */
export function planCase(targets: readonly Target[], seed: number, number: number): FuzzCase {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  const chance = (probability: number): boolean => random() < probability;
  const target = oneOf(random, targets);
  const method = chance(0.06) ? oneOf(random, METHODS) : target.method;
  const path = chance(0.06) ? oneOf(random, PATHS) : target.path;
  const isSpoilt = chance(0.8);
  const body = isSpoilt
    ? (target.kind === 'json' ? mutateJson : mutateBytes)(target.body, random)
    : target.body;
  const extra = chance(0.2)
    ? Array.from({ length: 1 + below(random, 3) }, () => oneOf(random, HEADERS))
    : [];
  const framing = chance(0.85)
    ? 'length'
    : oneOf(random, ['chunked', 'bad chunks', 'short', 'none'] as const);
  const before = chance(0.1) ? 1 + below(random, 4) : 0;
  const request = requestBytes({ method, path, target, body, extra, framing, random });
  const healthy = Buffer.from('GET /healthz HTTP/1.1\r\nhost: fuzz\r\n\r\n');
  const all = Buffer.concat([...Array.from({ length: before }, () => healthy), request]);
  const isSlow = chance(0.05);
  return {
    number,
    pieces: isSlow ? inPieces(all, random) : [all],
    methods: [...Array.from({ length: before }, () => 'GET'), method],
    path,
    story:
      `${method} ${path.slice(0, 80)}, ${isSpoilt ? 'spoilt' : 'whole'} ${target.kind}, ${framing}` +
      `${before > 0 ? `, after ${before}` : ''}${isSlow ? ', in pieces' : ''}` +
      (extra.length > 0 ? `, ${extra.map((line) => line.slice(0, 40)).join(' | ')}` : ''),
  };
}

interface RequestParts {
  readonly method: string;
  readonly path: string;
  readonly target: Target;
  readonly body: Buffer;
  readonly extra: readonly string[];
  readonly framing: 'length' | 'chunked' | 'bad chunks' | 'short' | 'none';
  readonly random: () => number;
}

/** A request that says that it is the last: the server then closes, which ends the case. */
function requestBytes({
  method,
  path,
  target,
  body,
  extra,
  framing,
  random,
}: RequestParts): Buffer {
  const hasBody = body.length > 0 || method === 'POST';
  const frame = {
    length: hasBody ? [`content-length: ${body.length}`] : [],
    chunked: ['transfer-encoding: chunked'],
    'bad chunks': ['transfer-encoding: chunked'],
    short: [`content-length: ${body.length + 1 + below(random, 100)}`],
    none: [],
  }[framing];
  const own = Object.entries(target.headers).map(([name, value]) => `${name}: ${value}`);
  const head = [
    `${method} ${path} HTTP/1.1`,
    'host: fuzz',
    'connection: close',
    ...own,
    ...frame,
    ...extra,
  ];
  const isChunked = framing === 'chunked' || framing === 'bad chunks';
  const chunks = isChunked ? chunked(body, random) : body;
  return Buffer.concat([
    Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'),
    framing === 'bad chunks' ? mutateBytes(chunks, random) : chunks,
  ]);
}

function chunked(body: Buffer, random: () => number): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0; start < body.length;) {
    const size = Math.min(body.length - start, 1 + below(random, 4096));
    parts.push(
      Buffer.from(`${size.toString(16)}\r\n`),
      body.subarray(start, start + size),
      Buffer.from('\r\n'),
    );
    start += size;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

function inPieces(bytes: Buffer, random: () => number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length && pieces.length < 20;) {
    const size = pieces.length === 19 ? bytes.length : 1 + below(random, bytes.length);
    pieces.push(bytes.subarray(start, start + size));
    start += size;
  }
  return pieces;
}
