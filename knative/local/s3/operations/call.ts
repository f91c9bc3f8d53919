import type { ServerResponse } from 'node:http';

import type { S3Request } from '../s3-request.ts';
import type { Storage } from '../storage.ts';
import type { VerifiedBody } from '../verified-body.ts';
import { xmlDocument } from '../xml.ts';
import type { XmlNode } from '../xml.ts';

/** One authenticated request with everything an operation needs to answer it. */
export interface Call {
  readonly request: S3Request;
  readonly response: ServerResponse;
  readonly body: VerifiedBody;
  readonly storage: Storage;
  readonly region: string;
  /** The bucket in the path; empty on the service itself. */
  readonly bucket: string;
  /** The key in the path; empty on a bucket. */
  readonly key: string;
}

/** Answers one call, or throws an `S3Error` before it has begun to. */
export type Operation = (call: Call) => Promise<void>;

/** Answers with an XML document. */
export function sendXml({ response }: Call, root: XmlNode): void {
  const document = Buffer.from(xmlDocument(root));
  response.writeHead(200, {
    'content-type': 'application/xml',
    'content-length': document.length,
  });
  response.end(document);
}
