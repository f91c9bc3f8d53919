import type { StoredObject } from '../stored-object.ts';
import { tagsDocument, tagsInDocument } from '../tags.ts';
import type { EventName } from '../webhooks/event-names.ts';
import { parseXml } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';
import { requestedObject } from './version.ts';

const MAX_DOCUMENT_BYTES = 64 * 1024;

/** The tags of an object or a version. */
export async function getObjectTagging(call: Call): Promise<void> {
  const { tags } = requestedObject(call, call.storage.bucket(call.bucket));
  await sendXml(call, tagsDocument(tags));
}

/** Replaces all tags of an object or a version. */
export async function putObjectTagging(call: Call): Promise<void> {
  const tags = tagsInDocument(parseXml((await call.body.bytes(MAX_DOCUMENT_BYTES)).toString()));
  await retag(call, tags, 's3:ObjectCreated:PutTagging');
  call.response.writeHead(200, { 'content-length': 0 });
  call.response.end();
}

/** Removes all tags of an object or a version. */
export async function deleteObjectTagging(call: Call): Promise<void> {
  await retag(call, {}, 's3:ObjectCreated:DeleteTagging');
  call.response.writeHead(204);
  call.response.end();
}

async function retag(call: Call, tags: StoredObject['tags'], name: EventName): Promise<void> {
  const bucket = call.storage.bucket(call.bucket);
  const object = await bucket.retag(requestedObject(call, bucket), tags);
  await call.publish({ name, object, contentLength: 0 });
}
