import { notImplemented, S3Error } from '../s3-error.ts';
import type { S3Request } from '../s3-request.ts';

/** Query parameters that make another operation of a request, and what they are in its name. */
const SUBRESOURCES: Readonly<Record<string, string>> = {
  abac: 'Abac',
  accelerate: 'AccelerateConfiguration',
  acl: 'Acl',
  analytics: 'AnalyticsConfiguration',
  annotation: 'Annotation',
  append: 'Append',
  attributes: 'Attributes',
  cors: 'Cors',
  encryption: 'Encryption',
  'intelligent-tiering': 'IntelligentTieringConfiguration',
  inventory: 'InventoryConfiguration',
  'legal-hold': 'LegalHold',
  lifecycle: 'LifecycleConfiguration',
  logging: 'Logging',
  metadataConfiguration: 'MetadataConfiguration',
  metadataTable: 'MetadataTableConfiguration',
  metrics: 'MetricsConfiguration',
  'object-lock': 'LockConfiguration',
  ownershipControls: 'OwnershipControls',
  policy: 'Policy',
  policyStatus: 'PolicyStatus',
  publicAccessBlock: 'PublicAccessBlock',
  renameObject: 'Rename',
  replication: 'Replication',
  requestPayment: 'RequestPayment',
  restore: 'Restore',
  retention: 'Retention',
  select: 'SelectContent',
  session: 'Session',
  tagging: 'Tagging',
  torrent: 'Torrent',
  website: 'Website',
};

const VERBS: Readonly<Record<string, string>> = { GET: 'Get', PUT: 'Put', DELETE: 'Delete' };

/** Headers that ask of a write what this server would have to forget. */
const WRITE_HEADERS: Readonly<Record<string, string>> = {
  'x-amz-grant-full-control': 'An access control list',
  'x-amz-grant-read': 'An access control list',
  'x-amz-grant-write': 'An access control list',
  'x-amz-server-side-encryption': 'Server-side encryption',
  'x-amz-server-side-encryption-customer-algorithm': 'Server-side encryption',
  'x-amz-website-redirect-location': 'A redirect',
  'x-amz-object-lock-mode': 'Object lock',
  'x-amz-object-lock-legal-hold': 'Object lock',
  'x-amz-write-offset-bytes': 'Appending to an object',
  'x-amz-bucket-object-lock-enabled': 'Object lock',
};

/** What the one identity has anyway. */
const OWN_ACLS = ['private', 'bucket-owner-full-control', 'bucket-owner-read'];

/**
 * Refuses an operation on a part of a bucket or object that this server does not have and would otherwise
 * misread as one of its own.
 * @throws {S3Error} `NotImplemented`, naming the operation as the S3 API does.
 */
export function refuseSubresource(request: S3Request): void {
  const names = new Set(request.query.map(([name]) => name));
  if (request.method === 'PUT' && names.has('partNumber') && !names.has('uploadId')) {
    throw new S3Error('InvalidArgument', 'A part needs the uploadId that it is of.');
  }
  for (const [name] of request.query) {
    const suffix = Object.hasOwn(SUBRESOURCES, name) ? SUBRESOURCES[name] : undefined;
    if (suffix === undefined) continue;
    const level = request.key === undefined ? 'Bucket' : 'Object';
    throw notImplemented(
      `${VERBS[request.method] ?? request.method} ${level} ${suffix}`.replaceAll(' ', ''),
    );
  }
}

/**
 * Refuses a write that asks for more than this server would do.
 * @throws {S3Error} `NotImplemented` by name, or `InvalidStorageClass`.
 */
export function refuseWriteHeaders({ method, headers }: S3Request): void {
  if (method !== 'PUT' && method !== 'POST') return;
  for (const [header, what] of Object.entries(WRITE_HEADERS)) {
    if (headers.has(header)) throw notImplemented(what);
  }
  if (!OWN_ACLS.includes(headers.get('x-amz-acl') ?? 'private')) {
    throw notImplemented(`The access control list ${headers.get('x-amz-acl')}`);
  }
  const storageClass = headers.get('x-amz-storage-class') ?? 'STANDARD';
  if (storageClass !== 'STANDARD') {
    throw new S3Error('InvalidStorageClass', `There is only STANDARD here, no ${storageClass}.`);
  }
}
