import type { Readable } from 'node:stream';

import { bodyStream } from './body-stream.ts';
import { ObjectStoreError } from './errors.ts';
import type { GetOptions, ObjectMeta, ObjectReader } from './object-store.ts';
import { escapeUri, S3Transport } from './s3-transport.ts';
import type { TransportLimits } from './s3-transport.ts';
import { signRequest } from './sign-request.ts';
import type { Signer } from './sign-request.ts';
import { toObjectStoreError } from './to-object-store-error.ts';

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
): ObjectReader {
  const endpoint = new URL(settings.endpoint);
  const transport = new S3Transport(limits);
  return {
    bucket,
    async get(key, options = {}) {
      const attempt = { action: `GET s3://${bucket}/${key}`, signal: options.signal };
      try {
        const request = requestFor(endpoint, [bucket, ...key.split('/')], options);
        const headers = signRequest(request, settings, new Date());
        const { response } = await transport.handle(
          {
            ...request,
            headers,
            protocol: endpoint.protocol,
            hostname: endpoint.hostname,
            ...(endpoint.port === '' ? {} : { port: Number(endpoint.port) }),
            query: options.versionId === undefined ? {} : { versionId: options.versionId },
          },
          { abortSignal: options.signal },
        );
        const { statusCode, headers: answered } = response;
        if (statusCode !== 200 && statusCode !== 206) {
          throw await refusal(statusCode, response.body);
        }
        const body = bodyStream(response.body, (cause) => toObjectStoreError(cause, attempt));
        if (options.range !== undefined && statusCode !== 206) {
          body.destroy();
          const message = `${attempt.action}: the store ignored the range`;
          throw new ObjectStoreError(message, { code: 'RangeIgnored', transient: false });
        }
        return { meta: metaOf(key, answered), body };
      } catch (cause) {
        throw toObjectStoreError(cause, attempt);
      }
    },
    close: () => transport.destroy(),
  };
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
async function refusal(status: number, body: Readable): Promise<Error> {
  // Only refusals need it.
  const { text } = await import('node:stream/consumers');
  const document = await text(body);
  const [code, message] = ['Code', 'Message'].map(
    (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(document)?.[1],
  );
  return Object.assign(new Error(message ?? 'the store says no more'), {
    name: code ?? 'UnknownError',
    $metadata: { httpStatusCode: status },
  });
}
