import type { ServerResponse } from 'node:http';

import type { S3Request } from '../s3-request.ts';
import type { Identity } from '../sigv4.ts';
import type { Storage } from '../storage.ts';
import type { VerifiedBody } from '../verified-body.ts';
import type { ObjectEvent } from '../webhooks/event-payload.ts';
import { xmlDocument } from '../xml.ts';
import type { XmlNode } from '../xml.ts';

/** One authenticated request with everything an operation needs to answer it. */
export interface Call {
  readonly request: S3Request;
  readonly response: ServerResponse;
  readonly body: VerifiedBody;
  readonly storage: Storage;
  readonly region: string;
  /** Who may sign the policy of an upload by form; all other requests have been authenticated. */
  readonly identity: Identity;
  /** The bucket in the path; empty on the service itself. */
  readonly bucket: string;
  /** The key in the path; empty on a bucket. */
  readonly key: string;
  /** Names of the webhooks that bucket rules may use. */
  readonly webhooks: ReadonlySet<string>;
  /**
   * Tells the webhooks whose rules cover it, before the client is answered; called in the turn in which
   * the change was made, events of a key have the order of its changes. (Those of DeleteObjects come
   * after the last of its deletes: they say how long the answer is.)
   */
  readonly publish: (event: ObjectEvent) => Promise<void>;
}

/** Answers one call, or throws an `S3Error` before it has begun to. */
export type Operation = (call: Call) => Promise<void>;

/** Answers with an XML document, once webhooks have been told of the events it answers. */
export async function sendXml(
  { response, publish }: Call,
  root: XmlNode,
  events: readonly ObjectEvent[] = [],
): Promise<void> {
  const document = Buffer.from(xmlDocument(root));
  await Promise.all(events.map((event) => publish({ ...event, contentLength: document.length })));
  response.writeHead(200, {
    'content-type': 'application/xml',
    'content-length': document.length,
  });
  response.end(document);
}
