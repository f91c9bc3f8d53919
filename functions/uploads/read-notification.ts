import * as z from 'zod';

import { readUploadKey, versionOf } from '../../events/uploads/upload.ts';
import type { NoUpload, Upload, UploadAddress } from '../../events/uploads/upload.ts';
import { objectCreatedData } from '../../events/schemas/objects.ts';
import { validate } from '../inputs/validate.ts';

/** Why nothing is done about a record of a notification. */
export type Ignored =
  | NoUpload
  | 'NOT_CREATED'
  | 'UNKNOWN_BUCKET'
  | 'KEY_NOT_DECODABLE'
  | 'NO_STATE';

/** One record of a notification. */
export type Notified =
  | { readonly upload: Upload; readonly address: UploadAddress }
  | { readonly ignored: Ignored; readonly key: string };

/** Only what is needed: stores put in more, and later ones still more. */
const record = z.object({
  eventName: z.string(),
  s3: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string(),
      size: z.int().nonnegative().optional(),
      eTag: z.string().optional(),
      versionId: z.string().optional(),
      sequencer: z.string().optional(),
    }),
  }),
});

/** MinIO sends one record at a time, AWS up to so many. */
const notification = z.object({ Records: z.array(record).min(1).max(1000) });

/** With or without the `s3:` before it. Tags and retention are `ObjectCreated` too, and create nothing. */
const CREATED = /^(?:s3:)?ObjectCreated:(?:Put|Post|Copy|CompleteMultipartUpload)$/;

/**
 * What a store says in a notification of its bucket, record by record.
 * @param tenants Of each bucket that we hear of.
 * @throws {InvalidRequestError} When it is no notification.
 */
export function readNotification(
  body: unknown,
  tenants: ReadonlyMap<string, string>,
): readonly Notified[] {
  const { Records } = validate(notification, body, 'The notification');
  return Records.map((one) => readRecord(one, tenants));
}

function readRecord(
  { eventName, s3: { bucket, object } }: z.infer<typeof record>,
  tenants: ReadonlyMap<string, string>,
): Notified {
  const { key: encoded, size = 0, eTag, versionId, sequencer } = object;
  const ignored = (reason: Ignored, key = encoded): Notified => ({ ignored: reason, key });
  if (!CREATED.test(eventName)) return ignored('NOT_CREATED');
  const tenant = tenants.get(bucket.name);
  if (tenant === undefined) return ignored('UNKNOWN_BUCKET');
  const key = decodeKey(encoded);
  if (key === undefined) return ignored('KEY_NOT_DECODABLE');
  const address = readUploadKey(key);
  if (typeof address === 'string') return ignored(address, key);
  const upload = objectCreatedData.safeParse({
    tenant,
    bucket: bucket.name,
    key,
    size,
    etag: eTag?.replaceAll('"', ''),
    ...versionOf(versionId),
    // One in another form is no help to tell what was later.
    ...(/^[0-9A-F]{16}$/i.test(sequencer ?? '') ? { sequencer } : {}),
  });
  return upload.success ? { upload: upload.data, address } : ignored('NO_STATE', key);
}

/** Keys come as in the query of an address: `+` is a blank, all else percent-encoded UTF-8. */
function decodeKey(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
