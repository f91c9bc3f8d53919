import type { Condition } from './bucket.ts';
import { notImplemented, S3Error } from './s3-error.ts';
import type { StoredObject } from './stored-object.ts';

type Headers = ReadonlyMap<string, string>;

/**
 * Applies a read's conditions, in the order of RFC 9110 section 13.2.2.
 * @throws {S3Error} `PreconditionFailed`, or `NotModified`.
 */
export function checkReadConditions(headers: Headers, object: StoredObject): void {
  const modified = Math.floor(object.lastModifiedMs / 1000) * 1000;
  const ifMatch = headers.get('if-match');
  const ifUnmodifiedSince = dateOf(headers.get('if-unmodified-since'));
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object)) throw new S3Error('PreconditionFailed');
  } else if (ifUnmodifiedSince !== undefined && modified > ifUnmodifiedSince) {
    throw new S3Error('PreconditionFailed');
  }
  const ifNoneMatch = headers.get('if-none-match');
  const ifModifiedSince = dateOf(headers.get('if-modified-since'));
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, object)) throw new S3Error('NotModified');
  } else if (ifModifiedSince !== undefined && modified <= ifModifiedSince) {
    throw new S3Error('NotModified');
  }
}

/**
 * The condition of a write; without a header it always holds. `If-Match` on a key that does not exist
 * is 404, as on S3.
 * @throws {S3Error} When the headers ask for something S3 does not have.
 */
export function writeCondition(headers: Headers): Condition {
  const ifMatch = headers.get('if-match');
  const ifNoneMatch = headers.get('if-none-match');
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw notImplemented('If-Match together with If-None-Match');
  }
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw notImplemented('If-None-Match with an ETag on a write');
  }
  return (current) => {
    if (ifNoneMatch !== undefined && current !== undefined) {
      throw new S3Error('PreconditionFailed');
    }
    if (ifMatch === undefined) return;
    if (current === undefined) throw new S3Error('NoSuchKey');
    if (!matches(ifMatch, current)) throw new S3Error('PreconditionFailed');
  };
}

function matches(header: string, object: StoredObject): boolean {
  return header
    .split(',')
    .map((etag) => etag.trim().replace(/^(?:W\/)?"(.*)"$/, '$1'))
    .some((etag) => etag === '*' || etag === object.etag);
}

function dateOf(header: string | undefined): number | undefined {
  const ms = Date.parse(header ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
