import { notImplemented, S3Error } from '../s3-error.ts';
import { parameter } from '../s3-request.ts';
import type { S3Request } from '../s3-request.ts';
import { createBucket, getBucketLocation, headBucket, listBuckets } from './buckets.ts';
import type { Operation } from './call.ts';
import { deleteObject, deleteObjects } from './delete-objects.ts';
import { getObject, headObject } from './get-object.ts';
import { listObjectsV2 } from './list-objects.ts';
import { putObject } from './put-object.ts';
import { refuseUnimplemented } from './unimplemented.ts';

/**
 * The operation a request asks for.
 * @throws {S3Error} `NotImplemented` by name, or `MethodNotAllowed`.
 */
export function routeOperation(request: S3Request): Operation {
  refuseUnimplemented(request);
  if (request.bucket === undefined) return pick(request, { GET: listBuckets });
  if (request.key !== undefined) {
    return pick(request, {
      GET: getObject,
      HEAD: headObject,
      PUT: putObject,
      DELETE: deleteObject,
    });
  }
  const has = (name: string): boolean => parameter(request, name) !== undefined;
  return pick(request, {
    PUT: createBucket,
    HEAD: headBucket,
    GET: has('location') ? getBucketLocation : listObjectsV2,
    ...(has('delete') ? { POST: deleteObjects } : { POST: refuse('Upload by HTML form') }),
    DELETE: refuse('DeleteBucket'),
  });
}

function pick(request: S3Request, operations: Readonly<Record<string, Operation>>): Operation {
  const operation = Object.hasOwn(operations, request.method)
    ? operations[request.method]
    : undefined;
  if (operation === undefined) throw new S3Error('MethodNotAllowed');
  return operation;
}

function refuse(what: string): Operation {
  return () => Promise.reject(notImplemented(what));
}
