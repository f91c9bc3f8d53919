import type { Bucket } from './bucket.ts';
import { checkReadConditions } from './conditions.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import type { Storage } from './storage.ts';
import type { StoredObject } from './stored-object.ts';

const CONDITION_PREFIX = 'x-amz-copy-source-if-';

/** What a copy reads. */
export interface CopySource {
  readonly bucket: Bucket;
  readonly object: StoredObject;
  /** Whether the request names the version. */
  readonly isPinned: boolean;
}

/**
 * The object that `x-amz-copy-source` names.
 * @throws {S3Error} When there is none, or a condition on it does not hold.
 */
export function copySource({ headers }: S3Request, storage: Storage): CopySource {
  const [path = '', query = ''] = (headers.get('x-amz-copy-source') ?? '').split('?');
  const name = decoded(path).replace(/^\//, '');
  const slash = name.indexOf('/');
  if (slash < 1 || slash === name.length - 1) {
    throw new S3Error('InvalidArgument', 'x-amz-copy-source must be bucket/key.');
  }
  const bucket = storage.bucket(name.slice(0, slash));
  const key = name.slice(slash + 1);
  const versionId = new URLSearchParams(query).get('versionId') ?? undefined;
  const object =
    versionId === undefined ? bucket.index.visible.get(key) : bucket.index.find(key, versionId);
  if (object === undefined)
    throw new S3Error(versionId === undefined ? 'NoSuchKey' : 'NoSuchVersion');
  if (object.isDeleteMarker) {
    throw new S3Error('InvalidRequest', 'The source of a copy cannot be a delete marker.');
  }
  checkSourceConditions(headers, object);
  return { bucket, object, isPinned: versionId !== undefined };
}

function checkSourceConditions(headers: S3Request['headers'], object: StoredObject): void {
  const conditions = [...headers]
    .filter(([name]) => name.startsWith(CONDITION_PREFIX))
    .map(([name, value]) => [`if-${name.slice(CONDITION_PREFIX.length)}`, value] as const);
  try {
    checkReadConditions(new Map(conditions), object);
  } catch (error) {
    // What would be "not modified" of a read is a failed condition here.
    throw error instanceof S3Error ? new S3Error('PreconditionFailed') : error;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new S3Error('InvalidArgument', 'x-amz-copy-source is not escaped correctly.', { cause });
  }
}
