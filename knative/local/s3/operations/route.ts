import { S3Error } from '../s3-error.ts';
import { parameter } from '../s3-request.ts';
import type { S3Request } from '../s3-request.ts';
import { abortMultipartUpload } from './abort-multipart-upload.ts';
import { absent, deleteAbsent, getAcl, getPolicyStatus, getUnset, putAcl } from './absent.ts';
import {
  getBucketLifecycle,
  putBucketLifecycle,
  deleteBucketLifecycle,
} from './bucket-lifecycle.ts';
import { getBucketNotification, putBucketNotification } from './bucket-notification.ts';
import { deleteBucketTagging, getBucketTagging, putBucketTagging } from './bucket-tagging.ts';
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
import { getObjectAttributes } from './get-object-attributes.ts';
import { listMultipartUploads } from './list-multipart-uploads.ts';
import { listObjectsV2 } from './list-objects-v2.ts';
import { listObjectVersions } from './list-object-versions.ts';
import { listObjects } from './list-objects.ts';
import { listParts } from './list-parts.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './object-tagging.ts';
import { postObject } from './post-object.ts';
import { putObject } from './put-object.ts';
import { refuseSubresource, refuseWriteHeaders } from './unimplemented.ts';
import { uploadPartCopy } from './upload-part-copy.ts';
import { uploadPart } from './upload-part.ts';

/** What each method does. */
type Operations = Readonly<Record<string, Operation>>;

/** By query parameter; the first that a request has decides. */
const ON_OBJECT: Readonly<Record<string, Operations>> = {
  uploads: { POST: createMultipartUpload },
  uploadId: {
    GET: listParts,
    PUT: copying(uploadPartCopy, uploadPart),
    POST: completeMultipartUpload,
    DELETE: abortMultipartUpload,
  },
  tagging: { GET: getObjectTagging, PUT: putObjectTagging, DELETE: deleteObjectTagging },
  attributes: { GET: getObjectAttributes },
  acl: { GET: getAcl, PUT: putAcl },
};

const ON_BUCKET: Readonly<Record<string, Operations>> = {
  location: { GET: getBucketLocation },
  uploads: { GET: listMultipartUploads },
  versioning: { GET: getBucketVersioning, PUT: putBucketVersioning },
  notification: { GET: getBucketNotification, PUT: putBucketNotification },
  versions: { GET: listObjectVersions },
  delete: { POST: deleteObjects },
  tagging: { GET: getBucketTagging, PUT: putBucketTagging, DELETE: deleteBucketTagging },
  lifecycle: { GET: getBucketLifecycle, PUT: putBucketLifecycle, DELETE: deleteBucketLifecycle },
  acl: { GET: getAcl, PUT: putAcl },
  // What can be asked after and is never set.
  accelerate: { GET: getUnset('AccelerateConfiguration') },
  cors: { GET: absent('NoSuchCORSConfiguration') },
  encryption: {
    GET: absent('ServerSideEncryptionConfigurationNotFoundError'),
    DELETE: deleteAbsent,
  },
  logging: { GET: getUnset('BucketLoggingStatus') },
  'object-lock': { GET: absent('ObjectLockConfigurationNotFoundError') },
  policy: { GET: absent('NoSuchBucketPolicy'), DELETE: deleteAbsent },
  policyStatus: { GET: getPolicyStatus },
  replication: { GET: absent('ReplicationConfigurationNotFoundError') },
  requestPayment: { GET: getUnset('RequestPaymentConfiguration', [['Payer', 'BucketOwner']]) },
  website: { GET: absent('NoSuchWebsiteConfiguration') },
};

/**
 * The operation a request asks for.
 * @throws {S3Error} `NotImplemented` by name, or `MethodNotAllowed`.
 */
export function routeOperation(request: S3Request): Operation {
  const { bucket, key } = request;
  if (bucket === undefined) {
    refuseSubresource(request);
    return pick(request, { GET: listBuckets });
  }
  refuseWriteHeaders(request);
  const subresources = key === undefined ? ON_BUCKET : ON_OBJECT;
  const name = Object.keys(subresources).find((one) => parameter(request, one) !== undefined);
  const operations = name === undefined ? undefined : subresources[name];
  if (operations !== undefined && Object.hasOwn(operations, request.method)) {
    return pick(request, operations);
  }
  refuseSubresource(request);
  return pick(request, operations ?? (key === undefined ? onBucket(request) : OBJECT));
}

const OBJECT: Operations = {
  GET: getObject,
  HEAD: headObject,
  PUT: copying(copyObject, putObject),
  DELETE: deleteObject,
};

function onBucket(request: S3Request): Operations {
  return {
    PUT: createBucket,
    HEAD: headBucket,
    GET: parameter(request, 'list-type') === '2' ? listObjectsV2 : listObjects,
    POST: postObject,
    DELETE: deleteBucket,
  };
}

/** One operation for requests that name a source, another for those that bring their bytes. */
function copying(copy: Operation, put: Operation): Operation {
  return (call) => (call.request.headers.has('x-amz-copy-source') ? copy(call) : put(call));
}

function pick(request: S3Request, operations: Operations): Operation {
  const operation = Object.hasOwn(operations, request.method)
    ? operations[request.method]
    : undefined;
  if (operation === undefined) throw new S3Error('MethodNotAllowed');
  return operation;
}
