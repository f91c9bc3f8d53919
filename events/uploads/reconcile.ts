import { ObjectStoreError } from '../../functions/runtime/object-store/errors.ts';
import { tryPublish } from '../jobs/job-context.ts';
import type { JobContext } from '../jobs/job-context.ts';
import { OUTPUTS_PREFIX } from './layout.ts';
import { findOutcome } from './outcome.ts';
import { objectCreated, readUploadKey, UPLOADS_PREFIX, versionOf } from './upload.ts';
import type { Upload, UploadAddress } from './upload.ts';

/** What looking after uploads takes. */
export interface ReconcileContext extends JobContext {
  readonly tenant: string;
  /** Whether there is a model of that name. */
  readonly hasModel: (name: string) => Promise<boolean>;
}

/** A younger object's notification may still be on its way, or its scoring going on. */
const YOUNG_MS = 60_000;
/**
 * Most events of one pass for one model: the rest has its turn in the next one. What nobody scores, since a model has no
 * Service for it, thus keeps no other model waiting.
 */
const MAX_EVENTS = 1000;

/**
 * Asks again for every upload from which nothing has come: a store tells of an object at most once, or not at
 * all. Gives how many it asked for.
 */
export async function reconcile(context: ReconcileContext, signal?: AbortSignal): Promise<number> {
  const { store } = context;
  const done = await outputsOf(context);
  const models = new Map<string, Promise<boolean>>();
  const asked = new Map<string, number>();
  for await (const { key, etag, lastModified } of store.list({ prefix: UPLOADS_PREFIX })) {
    if (signal?.aborted === true) break;
    const address = readUploadKey(key);
    if (typeof address === 'string') {
      // MinIO lists nothing of what lies below an object's own key.
      if (/^in\/[^/]+$/.test(key)) context.warn(`${key} hides the uploads below it`, address);
      continue;
    }
    const { model, path } = address;
    const sofar = asked.get(model) ?? 0;
    if (sofar === MAX_EVENTS) continue;
    if (context.now() - lastModified.getTime() < YOUNG_MS) continue;
    if (done.has(`${OUTPUTS_PREFIX}${model}/${path}/${etag}`)) continue;
    if (!models.has(model)) models.set(model, context.hasModel(model));
    if ((await models.get(model)) !== true) continue;
    const came = await askFor(context, key, address).catch((cause: unknown) => {
      // The store is away, or it is this one object: then the others are looked after all the same.
      if (cause instanceof ObjectStoreError && cause.transient) throw cause;
      context.warn(`${key} could not be looked after`, cause);
      return 'done' as const;
    });
    // Where one was not taken the others would fare no better.
    if (came === 'refused') break;
    if (came === 'asked') asked.set(model, sofar + 1);
  }
  return [...asked.values()].reduce((sum, one) => sum + one, 0);
}

/** Asks for an upload unless something has come of it. */
async function askFor(
  context: ReconcileContext,
  key: string,
  address: UploadAddress,
): Promise<'asked' | 'done' | 'refused'> {
  const upload = await presentState(context, key);
  if (upload === undefined) return 'done';
  if ((await findOutcome(context.store, upload)) !== undefined) return 'done';
  return (await tryPublish(context, objectCreated(upload, address))) ? 'asked' : 'refused';
}

/** Folders of states that something has come from. In a bucket that keeps versions they are named otherwise. */
async function outputsOf({ store }: JobContext): Promise<Set<string>> {
  const folders = new Set<string>();
  for await (const { key } of store.list({ prefix: OUTPUTS_PREFIX })) {
    const [, folder] = /^(.+)\/(?:predictions\.jsonl|error\.json)$/s.exec(key) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  return folders;
}

/** A listing does not tell the version. */
async function presentState(
  { store, tenant }: ReconcileContext,
  key: string,
): Promise<Upload | undefined> {
  const meta = await store.head(key);
  if (meta === undefined) return undefined;
  const { etag, sizeBytes: size, versionId } = meta;
  return { tenant, bucket: store.bucket, key, size, etag, ...versionOf(versionId) };
}
