import { parseRules, rulesDocument } from '../webhooks/rules.ts';
import { parseXml } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';

const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** The rules by which webhooks hear of the bucket's objects. */
export async function getBucketNotification(call: Call): Promise<void> {
  const { notifications } = call.storage.bucket(call.bucket).settings;
  await sendXml(call, rulesDocument(notifications));
}

/** Replaces all rules. */
export async function putBucketNotification(call: Call): Promise<void> {
  const bucket = call.storage.bucket(call.bucket);
  const root = parseXml((await call.body.bytes(MAX_DOCUMENT_BYTES)).toString());
  await bucket.configure({ notifications: parseRules(root, call.webhooks) });
  call.response.writeHead(200, { 'content-length': 0 });
  call.response.end();
}
