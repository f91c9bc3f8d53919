import type * as z from 'zod';

import { sha256, shortDigest } from '../jobs/canonical-json.ts';
import type { JobEvent } from '../jobs/job-events.ts';
import type { objectCreatedData } from '../schemas/objects.ts';
import { EVENT_TYPES } from '../types.ts';

/** An object that was put below `in/`, in one of its states. */
export type Upload = z.infer<typeof objectCreatedData>;

/** Below this lies what people upload. */
export const UPLOADS_PREFIX = 'in/';

/** What is made of an upload has a longer key than the upload itself, and stores take 1,024 bytes. */
const MAX_KEY_BYTES = 900;
const MODEL_NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** Which model an upload is for, and what it is called there. */
export interface UploadAddress {
  readonly model: string;
  readonly path: string;
}

/** Why an object is no upload. */
export type NoUpload = 'KEY_NOT_BELOW_A_MODEL' | 'KEY_NOT_PLAIN' | 'KEY_TOO_LONG' | 'FOLDER';

/**
 * Reads `in/<model>/<path>`, decoded, or says why it is none. Segments that a store might resolve (`..`, `.`,
 * none at all) are refused, whatever the store that told of them does with them.
 */
export function readUploadKey(key: string): UploadAddress | NoUpload {
  const [first, model = '', ...path] = key.split('/');
  if (first !== 'in' || !MODEL_NAME.test(model) || path.length === 0) {
    return 'KEY_NOT_BELOW_A_MODEL';
  }
  if (path.at(-1) === '') return 'FOLDER';
  if ([...path].some((segment) => ['', '.', '..'].includes(segment))) return 'KEY_NOT_PLAIN';
  if (!key.isWellFormed()) return 'KEY_NOT_PLAIN';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return 'KEY_TOO_LONG';
  return { model, path: path.join('/') };
}

/** What tells one state of an object from all others: its version where there are some, else its ETag. */
export function stateOf({ etag, versionId }: Pick<Upload, 'etag' | 'versionId'>): string {
  return versionId ?? etag;
}

/** The version that a store speaks of; `null` is that of a bucket which keeps none any more. */
export function versionOf(versionId: string | undefined): { readonly versionId?: string } {
  return versionId === undefined || versionId === 'null' ? {} : { versionId };
}

/** The job that scores an upload of more than a chunk, and the name under which any upload is claimed. */
export function uploadJobId({ bucket, key, ...state }: Omit<Upload, 'tenant' | 'size'>): string {
  return shortDigest(JSON.stringify(['upload', bucket, key, stateOf(state)]));
}

/** Asks for an upload to be scored. However often it is said, it is one event. */
export function objectCreated(upload: Upload, { model }: UploadAddress): JobEvent {
  const { tenant, bucket, key } = upload;
  const id = sha256(JSON.stringify([bucket, key, stateOf(upload)])).slice(0, 32);
  const shown = attributeOf(key);
  return {
    type: EVENT_TYPES.objectCreated,
    id,
    source: `/uploads/${tenant}`,
    subject: shown,
    model,
    partitionkey: `${bucket}/${shown}`,
    correlationid: id,
    data: { ...upload },
  };
}

/** A key may hold what an attribute may not: https://github.com/cloudevents/spec/blob/main/cloudevents/spec.md#type-system */
function attributeOf(key: string): string {
  return key.replaceAll(/[\p{Cc}\p{Noncharacter_Code_Point}]/gu, '\u{FFFD}');
}
