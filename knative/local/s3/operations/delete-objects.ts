import { notImplemented, S3Error } from '../s3-error.ts';
import type { StoredObject } from '../stored-object.ts';
import type { ObjectEvent } from '../webhooks/event-payload.ts';
import { optional, parseXml } from '../xml.ts';
import type { XmlElement, XmlNode } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';
import { removalEvent } from './removal-event.ts';

const MAX_KEYS = 1000;
/** A thousand keys of 1024 bytes, each of which XML may write as six. */
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

/** Deletes up to 1000 objects named in an XML document. */
export async function deleteObjects(call: Call): Promise<void> {
  const bucket = call.storage.bucket(call.bucket);
  const root = parseXml((await call.body.bytes(MAX_DOCUMENT_BYTES)).toString());
  const objects = root.children.filter(({ name }) => name === 'Object');
  if (root.name !== 'Delete' || objects.length === 0 || objects.length > MAX_KEYS) {
    throw new S3Error('MalformedXML', `Expecting Delete with 1 to ${MAX_KEYS} Object elements.`);
  }
  const targets = objects.map(targetOf);
  const quiet = root.children.some(({ name, text }) => name === 'Quiet' && text.trim() === 'true');
  const deleted: XmlNode[] = [];
  const events: ObjectEvent[] = [];
  for (const { key, versionId } of targets) {
    const removal =
      versionId === undefined
        ? await bucket.remove(key)
        : await bucket.removeVersion(key, versionId);
    events.push(removalEvent({ key, versionId }, removal));
    deleted.push(['Deleted', [['Key', key], ...versionNodes(versionId, removal.object)]]);
  }
  await sendXml(call, ['DeleteResult', quiet ? [] : deleted], events);
}

function versionNodes(
  versionId: string | undefined,
  removed: StoredObject | undefined,
): readonly XmlNode[] {
  const named = optional('VersionId', versionId);
  if (!removed?.isDeleteMarker) return named;
  return [...named, ['DeleteMarker', 'true'], ['DeleteMarkerVersionId', removed.versionId]];
}

function targetOf({ children }: XmlElement): { key: string; versionId: string | undefined } {
  const fields = new Map(children.map(({ name, text }) => [name, text]));
  const other = [...fields.keys()].find((name) => name !== 'Key' && name !== 'VersionId');
  if (other !== undefined) throw notImplemented(`DeleteObjects with ${other}`);
  const key = fields.get('Key') ?? '';
  if (key === '') throw new S3Error('MalformedXML', 'An Object element has no Key.');
  return { key, versionId: fields.get('VersionId') };
}
