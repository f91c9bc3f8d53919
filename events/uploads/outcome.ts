import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import { canonicalJson } from '../jobs/canonical-json.ts';
import { createOnly } from '../jobs/create-only.ts';
import type { Counts } from '../jobs/layout.ts';
import { uploadLayout } from './layout.ts';
import { moveLatest } from './latest.ts';
import type { Upload } from './upload.ts';

/** Why nothing of an upload could be scored: a code for programs, a sentence for people. */
export interface UploadError {
  readonly code: string;
  readonly message: string;
}

/** What there is to say about the lines of an upload. */
export interface Predicted extends Counts {
  /** Of the model that made them. */
  readonly modelDigest: string;
}

/** What came of an upload. */
export type UploadOutcome = ({ readonly key: string } & Counts) | { readonly key: string };

const JSON_TYPE = { contentType: 'application/json' };

/**
 * What has come of an upload so far, undefined while nothing has. What follows a commit, and may have been cut
 * off, is done again.
 */
export async function findOutcome(
  store: ObjectStore,
  upload: Upload,
): Promise<UploadOutcome | undefined> {
  const { predictions, error } = uploadLayout(upload);
  const scored = await store.head(predictions);
  const found = scored ?? (await store.head(error));
  if (found === undefined) return undefined;
  const outcome =
    scored === undefined
      ? { key: error }
      : { key: predictions, ok: Number(found.user['ok']), err: Number(found.user['err']) };
  await moveLatest(store, upload, outcome);
  return outcome;
}

/** Commits the lines of an upload, once: what is there already stays as it is. */
export async function commitPredictions(
  store: ObjectStore,
  upload: Upload,
  body: Buffer | AsyncIterable<Buffer>,
  { ok, err, modelDigest }: Predicted,
): Promise<void> {
  const { predictions: key } = uploadLayout(upload);
  await createOnly(store, key, body, {
    contentType: 'application/x-ndjson',
    user: { ok: String(ok), err: String(err), model: modelDigest },
  });
  await moveLatest(store, upload, { key, ok, err });
}

/** Says of an upload, once, why nothing of it could be scored. */
export async function commitError(
  store: ObjectStore,
  upload: Upload,
  { code, message }: UploadError,
): Promise<void> {
  const { error: key } = uploadLayout(upload);
  await createOnly(store, key, canonicalJson({ error: { code, message } }), JSON_TYPE);
  await moveLatest(store, upload, { key });
}
