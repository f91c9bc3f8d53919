import type { Bucket } from '../bucket.ts';
import { S3Error } from '../s3-error.ts';
import { parameter } from '../s3-request.ts';
import type { S3Request } from '../s3-request.ts';
import type { StoredObject } from '../stored-object.ts';
import type { Call } from './call.ts';

const VERSION_ID = /^(?:null|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** The `versionId` of a request. @throws {S3Error} `InvalidArgument` when it cannot be one. */
export function versionIdOf(request: S3Request): string | undefined {
  const versionId = parameter(request, 'versionId');
  if (versionId !== undefined && !VERSION_ID.test(versionId)) {
    throw new S3Error('InvalidArgument', 'The version id is not one of ours.');
  }
  return versionId;
}

/**
 * The object or the version of it that a request is about; the answer's version headers are set.
 * @throws {S3Error} `NoSuchKey`, `NoSuchVersion`, or `MethodNotAllowed` on a delete marker.
 */
export function requestedObject(call: Call, bucket: Bucket): StoredObject {
  const versionId = versionIdOf(call.request);
  const found =
    versionId === undefined
      ? bucket.index.latest(call.key)
      : bucket.index.find(call.key, versionId);
  if (found !== undefined) setVersionHeaders(call, bucket, found);
  if (versionId !== undefined && found === undefined) throw new S3Error('NoSuchVersion');
  if (versionId !== undefined && found?.isDeleteMarker) throw new S3Error('MethodNotAllowed');
  if (found === undefined || found.isDeleteMarker) throw new S3Error('NoSuchKey');
  return found;
}

/** Tells the client which version was read, written or deleted, in a bucket that keeps versions. */
export function setVersionHeaders(
  { response }: Call,
  { settings }: Bucket,
  { versionId, isDeleteMarker }: StoredObject,
): void {
  if (settings.versioning === 'Off') return;
  response.setHeader('x-amz-version-id', versionId);
  if (isDeleteMarker) response.setHeader('x-amz-delete-marker', 'true');
}
