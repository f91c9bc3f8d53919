import type { _Object, HeadObjectCommandOutput } from '@aws-sdk/client-s3';

import type { ObjectEntry, ObjectMeta, Written } from './object-store.ts';
import { sdk } from './sdk.ts';

/** Metadata name under which a conditional PUT carries who wrote it; callers never see it. */
export const WRITER = 'pilotlight-writer';

type MetaFields = Pick<
  HeadObjectCommandOutput,
  '$metadata' | 'ContentLength' | 'ETag' | 'LastModified' | 'ContentType' | 'VersionId' | 'Metadata'
> & { readonly ContentRange?: string | undefined };

/** Name in an answer's `$metadata` under which the client keeps the `Date` header, which the SDK drops. */
export const DATE = 'date';

/** The metadata in a GET or HEAD answer; `sizeBytes` is that of the whole object, whatever was read. */
export function metaOf(key: string, answer: MetaFields): ObjectMeta {
  const total = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1];
  const { [WRITER]: _, ...user } = answer.Metadata ?? {};
  return {
    key,
    sizeBytes: total === undefined ? (answer.ContentLength ?? 0) : Number(total),
    etag: unquoted(answer.ETag),
    lastModified: answer.LastModified ?? new Date(0),
    servedAt: servedAtOf(answer),
    user,
    ...(answer.ContentType === undefined ? {} : { contentType: answer.ContentType }),
    ...(answer.VersionId === undefined ? {} : { versionId: answer.VersionId }),
  };
}

/** What a successful write is known by. */
export function writtenOf(answer: Pick<MetaFields, 'ETag' | 'VersionId' | '$metadata'>): Written {
  const version = answer.VersionId === undefined ? {} : { versionId: answer.VersionId };
  return { etag: unquoted(answer.ETag), servedAt: servedAtOf(answer), ...version };
}

/** One line of a listing that was asked for with `encoding-type=url`. */
export function entryOf(item: _Object): ObjectEntry {
  return {
    // A literal plus is always escaped; a bare one is how some stores write a space.
    key: decodeURIComponent((item.Key ?? '').replaceAll('+', ' ')),
    sizeBytes: item.Size ?? 0,
    etag: unquoted(item.ETag),
    lastModified: item.LastModified ?? new Date(0),
  };
}

/** How many attempts the SDK made before it threw `cause`; undefined when it does not say. */
export function attemptsOf(cause: unknown): number | undefined {
  return cause instanceof sdk.S3ServiceException ? cause.$metadata.attempts : undefined;
}

function servedAtOf({ $metadata }: Pick<MetaFields, '$metadata'>): Date {
  const { [DATE]: date } = $metadata as { readonly [DATE]?: string };
  return new Date(date ?? 0);
}

function unquoted(etag = ''): string {
  return etag.replaceAll('"', '');
}
