import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { Agent, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

import { deriveSigningKey, signatureOf } from '../../../knative/local/s3/sigv4.ts';
import type { TestS3 } from '../../support/local-s3.ts';

/** One request to sign and send; what it gives overrides what a correct client would send. */
export interface SignedRequest {
  readonly method?: string;
  /** Percent-encoded, such as `/bucket/a%20key`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Value of `x-amz-content-sha256`. @default the digest of `body` */
  readonly payloadHash?: string;
  /** @default now */
  readonly date?: Date;
  /** @default a connection of its own */
  readonly agent?: Agent;
  /** Sends `Expect: 100-continue`, and the body only when asked for it. */
  readonly awaitContinue?: boolean;
  /** Changes the request after it was signed. */
  readonly tamper?: (request: { path: string; headers: Record<string, string> }) => void;
}

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly wasContinued: boolean;
}

/** Sends a request that no client library would send. */
export async function sendSigned(
  settings: TestS3['settings'],
  { method = 'GET', path, query = {}, body = '', ...rest }: SignedRequest,
): Promise<Reply> {
  const { host, hostname, port } = new URL(settings.S3_ENDPOINT);
  const payloadHash = rest.payloadHash ?? createHash('sha256').update(body).digest('hex');
  const date = (rest.date ?? new Date()).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${date.slice(0, 8)}/${settings.AWS_REGION}/s3/aws4_request`;
  const headers: Record<string, string> = {
    host,
    'x-amz-date': date,
    'x-amz-content-sha256': payloadHash,
    ...rest.headers,
  };
  const signedHeaders = Object.keys(headers).toSorted();
  const signature = signatureOf(
    {
      method,
      path: decodeURIComponent(path),
      query: Object.entries(query),
      headers: new Map(Object.entries(headers)),
      signedHeaders,
      payloadHash,
    },
    deriveSigningKey(settings.AWS_SECRET_ACCESS_KEY, scope),
    date,
    scope,
  );
  const credential = `Credential=${settings.AWS_ACCESS_KEY_ID}/${scope}`;
  headers['authorization'] =
    `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
  const search = new URLSearchParams(query).toString().replaceAll('+', '%20');
  const sent = { path: search === '' ? path : `${path}?${search}`, headers };
  rest.tamper?.(sent);

  if (rest.awaitContinue === true) headers['expect'] = '100-continue';
  const outgoing = httpRequest({ method, hostname, port, agent: rest.agent ?? false, ...sent });
  let wasContinued = false;
  outgoing.once('continue', () => {
    wasContinued = true;
    outgoing.end(body);
  });
  if (rest.awaitContinue === true) outgoing.flushHeaders();
  else outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    body: await text(incoming),
    wasContinued,
  };
}
