import { S3Error } from '../s3-error.ts';
import { parseXml } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';

const MAX_DOCUMENT_BYTES = 64 * 1024;

/** Whether the bucket keeps versions; nothing when it never has. */
export async function getBucketVersioning(call: Call): Promise<void> {
  const { versioning } = call.storage.bucket(call.bucket).settings;
  await sendXml(call, [
    'VersioningConfiguration',
    versioning === 'Off' ? [] : [['Status', versioning]],
  ]);
}

/** Has the bucket keep versions from now on, or no more; those there are stay. */
export async function putBucketVersioning(call: Call): Promise<void> {
  const bucket = call.storage.bucket(call.bucket);
  const root = parseXml((await call.body.bytes(MAX_DOCUMENT_BYTES)).toString());
  const status = root.children.find(({ name }) => name === 'Status')?.text.trim();
  if (status !== 'Enabled' && status !== 'Suspended') {
    throw new S3Error('MalformedXML', 'Expecting the Status Enabled or Suspended.');
  }
  await bucket.configure({ versioning: status });
  call.response.writeHead(200, { 'content-length': 0 });
  call.response.end();
}
