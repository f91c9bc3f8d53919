import { notImplemented, S3Error } from '../s3-error.ts';
import { parseXml } from '../xml.ts';
import type { XmlElement, XmlNode } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';

const MAX_KEYS = 1000;
/** A thousand keys of 1024 bytes, each of which XML may write as six. */
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

/** Deletes one object; a key that does not exist is no error. */
export async function deleteObject(call: Call): Promise<void> {
  const bucket = call.storage.bucket(call.bucket);
  if (call.request.headers.has('if-match')) throw notImplemented('DeleteObject with If-Match');
  await bucket.remove(call.key);
  call.response.writeHead(204);
  call.response.end();
}

/** Deletes up to 1000 objects named in an XML document. */
export async function deleteObjects(call: Call): Promise<void> {
  const bucket = call.storage.bucket(call.bucket);
  const root = parseXml((await call.body.bytes(MAX_DOCUMENT_BYTES)).toString());
  const objects = root.children.filter(({ name }) => name === 'Object');
  if (root.name !== 'Delete' || objects.length === 0 || objects.length > MAX_KEYS) {
    throw new S3Error('MalformedXML', `Expecting Delete with 1 to ${MAX_KEYS} Object elements.`);
  }
  const keys = objects.map(keyOf);
  const quiet = root.children.some(({ name, text }) => name === 'Quiet' && text.trim() === 'true');
  for (const key of keys) await bucket.remove(key);
  const deleted = keys.map((key): XmlNode => ['Deleted', [['Key', key]]]);
  sendXml(call, ['DeleteResult', quiet ? [] : deleted]);
}

function keyOf(object: XmlElement): string {
  const other = object.children.find(({ name }) => name !== 'Key');
  if (other !== undefined) throw notImplemented(`DeleteObjects with ${other.name}`);
  const key = object.children[0]?.text ?? '';
  if (key === '') throw new S3Error('MalformedXML', 'An Object element has no Key.');
  return key;
}
