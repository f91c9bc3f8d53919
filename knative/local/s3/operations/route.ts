import { notImplemented, S3Error } from '../s3-error.ts';
import { parameter } from '../s3-request.ts';
import type { S3Request } from '../s3-request.ts';
import { abortMultipartUpload } from './abort-multipart-upload.ts';
import { getBucketNotification, putBucketNotification } from './bucket-notification.ts';
import { getBucketVersioning, putBucketVersioning } from './bucket-versioning.ts';
import { createBucket, getBucketLocation, headBucket, listBuckets } from './buckets.ts';
import type { Operation } from './call.ts';
import { completeMultipartUpload } from './complete-multipart-upload.ts';
import { copyObject } from './copy-object.ts';
import { createMultipartUpload } from './create-multipart-upload.ts';
import { deleteBucket } from './delete-bucket.ts';
import { deleteObject } from './delete-object.ts';
import { deleteObjects } from './delete-objects.ts';
import { getObject, headObject } from './get-object.ts';
import { listMultipartUploads } from './list-multipart-uploads.ts';
import { listObjectsV2 } from './list-objects-v2.ts';
import { listObjectVersions } from './list-object-versions.ts';
import { listObjects } from './list-objects.ts';
import { listParts } from './list-parts.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './object-tagging.ts';
import { putObject } from './put-object.ts';
import { refuseUnimplemented } from './unimplemented.ts';
import { uploadPartCopy } from './upload-part-copy.ts';
import { uploadPart } from './upload-part.ts';

/**
 * The operation a request asks for.
 * @throws {S3Error} `NotImplemented` by name, or `MethodNotAllowed`.
 */
export function routeOperation(request: S3Request): Operation {
  refuseUnimplemented(request);
  if (request.bucket === undefined) return pick(request, { GET: listBuckets });
  const operations = request.key === undefined ? onBucket(request) : onObject(request);
  return pick(request, operations);
}

type Operations = Readonly<Record<string, Operation>>;

function onObject(request: S3Request): Operations {
  const has = (name: string): boolean => parameter(request, name) !== undefined;
  const isCopy = request.headers.has('x-amz-copy-source');
  if (has('uploads')) return { POST: createMultipartUpload };
  if (has('uploadId')) {
    return {
      GET: listParts,
      PUT: isCopy ? uploadPartCopy : uploadPart,
      POST: completeMultipartUpload,
      DELETE: abortMultipartUpload,
    };
  }
  if (has('tagging')) {
    return { GET: getObjectTagging, PUT: putObjectTagging, DELETE: deleteObjectTagging };
  }
  return {
    GET: getObject,
    HEAD: headObject,
    PUT: isCopy ? copyObject : putObject,
    DELETE: deleteObject,
  };
}

function onBucket(request: S3Request): Operations {
  const has = (name: string): boolean => parameter(request, name) !== undefined;
  if (has('location')) return { GET: getBucketLocation };
  if (has('uploads')) return { GET: listMultipartUploads };
  if (has('versioning')) return { GET: getBucketVersioning, PUT: putBucketVersioning };
  if (has('notification')) return { GET: getBucketNotification, PUT: putBucketNotification };
  if (has('versions')) return { GET: listObjectVersions };
  if (has('delete')) return { POST: deleteObjects };
  return {
    PUT: createBucket,
    HEAD: headBucket,
    GET: parameter(request, 'list-type') === '2' ? listObjectsV2 : listObjects,
    POST: refuse('Upload by HTML form'),
    DELETE: deleteBucket,
  };
}

function pick(request: S3Request, operations: Operations): Operation {
  const operation = Object.hasOwn(operations, request.method)
    ? operations[request.method]
    : undefined;
  if (operation === undefined) throw new S3Error('MethodNotAllowed');
  return operation;
}

function refuse(what: string): Operation {
  return () => Promise.reject(notImplemented(what));
}
