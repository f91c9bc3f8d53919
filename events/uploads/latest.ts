import * as z from 'zod';

import { PreconditionFailedError } from '../../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import { canonicalJson } from '../jobs/canonical-json.ts';
import { readJson } from '../jobs/read-json.ts';
import { uploadLayout } from './layout.ts';
import type { UploadOutcome } from './outcome.ts';
import { stateOf, versionOf } from './upload.ts';
import type { Upload } from './upload.ts';

const latest = z.strictObject({
  /** Of the upload. */
  key: z.string(),
  etag: z.string(),
  versionId: z.string().optional(),
  sequencer: z.string().optional(),
  /** What was made of it: predictions, whose records are counted, or an error. */
  output: z.string(),
  records: z.strictObject({ ok: z.int(), err: z.int() }).optional(),
});

type Latest = z.infer<typeof latest>;

/** So many uploads of one key would have to end at the same moment. */
const MAX_TRIES = 20;

/**
 * Has `latest.json` name what was made of an upload, unless it names a later one. Of two writes of a key the
 * store's sequencer tells which is the later; where none is known, what the key holds now is.
 */
export async function moveLatest(
  store: ObjectStore,
  upload: Upload,
  outcome: UploadOutcome,
): Promise<void> {
  const place = uploadLayout(upload).latest;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const present = await readJson(store, place, latest);
    if (present !== undefined && !(await isLater(store, upload, present.value))) return;
    const condition =
      present === undefined ? { ifNoneMatch: '*' as const } : { ifMatch: present.meta.etag };
    try {
      const body = canonicalJson(latestOf(upload, outcome));
      await store.put(place, body, { ...condition, contentType: 'application/json' });
      return;
    } catch (cause) {
      // Somebody else moved it: look again.
      if (!(cause instanceof PreconditionFailedError)) throw cause;
    }
  }
  throw new Error(`${place} does not hold still`);
}

function latestOf({ key, etag, versionId, sequencer }: Upload, outcome: UploadOutcome): Latest {
  const counts = 'ok' in outcome ? { records: { ok: outcome.ok, err: outcome.err } } : {};
  return {
    key,
    etag,
    ...versionOf(versionId),
    ...(sequencer === undefined ? {} : { sequencer: sequencer.toUpperCase() }),
    output: outcome.key,
    ...counts,
  };
}

async function isLater(store: ObjectStore, upload: Upload, present: Latest): Promise<boolean> {
  const { key, sequencer } = upload;
  if (sequencer !== undefined && present.sequencer !== undefined) {
    return sequencer.toUpperCase() > present.sequencer;
  }
  if (stateOf(upload) === stateOf(present)) return sequencer !== undefined;
  const now = await store.head(key);
  if (now === undefined) return false;
  return stateOf(upload) === stateOf({ etag: now.etag, ...versionOf(now.versionId) });
}
