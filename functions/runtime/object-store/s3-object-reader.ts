import { bodyStream, lendStream } from './body-stream.ts';
import { ObjectStoreError } from './errors.ts';
import { openDownload } from './http-download.ts';
import type { Download } from './http-download.ts';
import type { GetOptions, ObjectMeta, ObjectReader } from './object-store.ts';
import { escapeUri, S3Transport } from './s3-transport.ts';
import type { TransportLimits } from './s3-transport.ts';
import { signRequest } from './sign-request.ts';
import type { Signer } from './sign-request.ts';
import { toObjectStoreError } from './to-object-store-error.ts';
import type { Attempt } from './to-object-store-error.ts';

/** A store by its address and somebody's keys: nothing has to be looked up. */
export interface ReaderSettings extends Signer {
  /** `http://minio:9000` */
  readonly endpoint: string;
}

const LIMITS: TransportLimits = { connectTimeoutMs: 3000, idleTimeoutMs: 15_000 };

/**
 * Reads a bucket of an S3-compatible store, path style, one attempt per call, with the same answers and
 * errors as `openObjectStore`. It is there for cold starts: the SDK, which does everything else, takes a
 * third of one to load and to make up its mind.
 */
export function openObjectReader(
  settings: ReaderSettings,
  bucket: string,
  limits: TransportLimits = LIMITS,
): Required<ObjectReader> {
  const endpoint = new URL(settings.endpoint);
  const transport = new S3Transport(limits);
  const attemptOf = (key: string, { signal }: GetOptions): Attempt => ({
    action: `GET s3://${bucket}/${key}`,
    signal,
  });
  const signed = (key: string, options: GetOptions): SignedRequest => {
    const request = requestFor(endpoint, [bucket, ...key.split('/')], options);
    const { protocol, hostname, port } = endpoint;
    return {
      ...request,
      headers: signRequest(request, settings, new Date()),
      protocol,
      hostname,
      ...(port === '' ? {} : { port: Number(port) }),
    };
  };
  const reader: Required<ObjectReader> = {
    bucket,
    async get(key, options = {}) {
      const attempt = attemptOf(key, options);
      try {
        const query = options.versionId === undefined ? {} : { versionId: options.versionId };
        const request = { ...signed(key, options), query };
        const { response } = await transport.handle(request, { abortSignal: options.signal });
        const { statusCode, headers: answered } = response;
        if (statusCode !== 200 && statusCode !== 206) {
          // Only refusals need it.
          const { text } = await import('node:stream/consumers');
          throw refusal(statusCode, await text(response.body));
        }
        const body = bodyStream(response.body, (cause) => toObjectStoreError(cause, attempt));
        if (options.range !== undefined && statusCode !== 206) {
          body.destroy();
          throw rangeIgnored(attempt);
        }
        return { meta: metaOf(key, answered), body };
      } catch (cause) {
        throw toObjectStoreError(cause, attempt);
      }
    },
    async download(key, options = {}) {
      const attempt = attemptOf(key, options);
      const toError = (cause: unknown): ObjectStoreError => toObjectStoreError(cause, attempt);
      try {
        const request = signed(key, options);
        const path = request.query === '' ? request.path : `${request.path}?${request.query}`;
        const answer = await openDownload({ ...request, path }, limits, options.signal);
        const { status, headers } = answer;
        if (status !== 200 && status !== 206) throw refusal(status, await textOf(answer));
        if (options.range !== undefined && status !== 206) {
          answer.destroy();
          throw rangeIgnored(attempt);
        }
        if (answer.contentLength === undefined) {
          // Chunked, as a proxy may do: Node's own client can read that.
          answer.destroy();
          const { meta, body } = await reader.get(key, options);
          return { meta, body: lendStream(body) };
        }
        return {
          meta: metaOf(key, headers),
          body: {
            lend: (onPiece) => lendTo(onPiece, answer, toError),
            destroy: (error) => answer.destroy(error),
          },
        };
      } catch (cause) {
        throw toError(cause);
      }
    },
    close: () => transport.destroy(),
  };
  return reader;
}

type SignedRequest = ReturnType<typeof requestFor> & {
  readonly headers: Record<string, string>;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
};

/** What the reader of the pieces throws is not the store's fault, and stays what it is. */
async function lendTo(
  onPiece: (piece: Buffer) => void,
  answer: Download,
  toError: (cause: unknown) => Error,
): Promise<void> {
  // False while a piece is with its reader.
  let isOurs = true;
  try {
    await answer.lend((piece) => {
      isOurs = false;
      onPiece(piece);
      isOurs = true;
    });
  } catch (cause) {
    if (!isOurs) throw cause;
    throw toError(cause);
  }
}

/** S3's documents of errors are below 1 kB. */
const MAX_TEXT_BYTES = 64 * 1024;

/** The text of a refusal, as much as comes of it. */
async function textOf(answer: Download): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  const keep = (piece: Buffer): void => {
    size += piece.length;
    if (size > MAX_TEXT_BYTES) answer.destroy();
    else pieces.push(Buffer.from(piece));
  };
  await answer.lend(keep).catch(() => {});
  return Buffer.concat(pieces).toString();
}

function rangeIgnored({ action }: Attempt): ObjectStoreError {
  const message = `${action}: the store ignored the range`;
  return new ObjectStoreError(message, { code: 'RangeIgnored', transient: false });
}

function requestFor(
  { host, pathname }: URL,
  segments: readonly string[],
  { range, ifMatch, versionId }: GetOptions,
): Parameters<typeof signRequest>[0] {
  return {
    method: 'GET',
    path: `${pathname.replace(/\/$/, '')}/${segments.map(escapeUri).join('/')}`,
    query: versionId === undefined ? '' : `versionId=${escapeUri(versionId)}`,
    headers: {
      host,
      ...(range === undefined ? {} : { range: `bytes=${range.start}-${range.end ?? ''}` }),
      ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
    },
  };
}

function metaOf(key: string, headers: Readonly<Record<string, string>>): ObjectMeta {
  const total = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  const { 'content-type': contentType, 'x-amz-version-id': versionId } = headers;
  return {
    key,
    sizeBytes: Number(total ?? headers['content-length'] ?? 0),
    etag: (headers['etag'] ?? '').replaceAll('"', ''),
    lastModified: new Date(headers['last-modified'] ?? 0),
    servedAt: new Date(headers['date'] ?? 0),
    user: Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => name.startsWith(USER_METADATA))
        .map(([name, value]) => [name.slice(USER_METADATA.length), value]),
    ),
    ...(contentType === undefined ? {} : { contentType }),
    ...(versionId === undefined ? {} : { versionId }),
  };
}

const USER_METADATA = 'x-amz-meta-';

/** The store's own words, in the form in which the SDK throws them. */
function refusal(status: number, document: string): Error {
  const [code, message] = ['Code', 'Message'].map(
    (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(document)?.[1],
  );
  return Object.assign(new Error(message ?? 'the store says no more'), {
    name: code ?? 'UnknownError',
    $metadata: { httpStatusCode: status },
  });
}
