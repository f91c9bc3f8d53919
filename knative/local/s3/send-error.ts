import type { IncomingMessage, ServerResponse } from 'node:http';

import { S3Error } from './s3-error.ts';
import { xmlDocument } from './xml.ts';

/** Answers with S3's error document, or cuts the connection when it is too late for one. */
export function sendError(
  cause: unknown,
  {
    incoming,
    response,
    requestId,
    onFault,
  }: {
    readonly incoming: IncomingMessage;
    readonly response: ServerResponse;
    readonly requestId: string;
    readonly onFault: (cause: unknown) => void;
  },
): void {
  // Too late for an answer: the client has gone, or has half a body and must see that it is cut.
  if (response.headersSent || incoming.errored !== null) {
    response.destroy();
    return;
  }
  const error =
    cause instanceof S3Error ? cause : new S3Error('InternalError', undefined, { cause });
  if (error.code === 'InternalError') onFault(cause);
  // The client may or may not send the body it asked about, so the connection cannot be used again.
  if (incoming.headers.expect !== undefined && !incoming.complete) {
    response.setHeader('connection', 'close');
  }
  if (error.status === 304 || incoming.method === 'HEAD') {
    response.writeHead(error.status);
    response.end();
    return;
  }
  const document = xmlDocument(
    [
      'Error',
      [
        ['Code', error.code],
        ['Message', error.message],
        ['Resource', (incoming.url ?? '/').split('?')[0] ?? '/'],
        ['RequestId', requestId],
      ],
    ],
    { namespace: false },
  );
  response.writeHead(error.status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(document),
  });
  response.end(document);
}
