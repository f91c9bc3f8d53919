import { notImplemented } from '../s3-error.ts';
import type { S3Request } from '../s3-request.ts';

/** Query parameters that make another operation of a request, and what they are in its name. */
const SUBRESOURCES: Readonly<Record<string, string>> = {
  accelerate: 'AccelerateConfiguration',
  acl: 'Acl',
  analytics: 'AnalyticsConfiguration',
  attributes: 'Attributes',
  cors: 'Cors',
  encryption: 'Encryption',
  'intelligent-tiering': 'IntelligentTieringConfiguration',
  inventory: 'InventoryConfiguration',
  'legal-hold': 'LegalHold',
  lifecycle: 'LifecycleConfiguration',
  logging: 'Logging',
  metrics: 'MetricsConfiguration',
  'object-lock': 'LockConfiguration',
  ownershipControls: 'OwnershipControls',
  policy: 'Policy',
  policyStatus: 'PolicyStatus',
  publicAccessBlock: 'PublicAccessBlock',
  replication: 'Replication',
  requestPayment: 'RequestPayment',
  restore: 'Restore',
  retention: 'Retention',
  select: 'SelectContent',
  tagging: 'Tagging',
  torrent: 'Torrent',
  website: 'Website',
};

const VERBS: Readonly<Record<string, string>> = { GET: 'Get', PUT: 'Put', DELETE: 'Delete' };

/** Headers that ask of a write what this server would have to forget. */
const WRITE_HEADERS: Readonly<Record<string, string>> = {
  'x-amz-acl': 'An access control list',
  'x-amz-server-side-encryption': 'Server-side encryption',
  'x-amz-server-side-encryption-customer-algorithm': 'Server-side encryption',
  'x-amz-website-redirect-location': 'A redirect',
  'x-amz-object-lock-mode': 'Object lock',
  'x-amz-object-lock-legal-hold': 'Object lock',
  'x-amz-write-offset-bytes': 'Appending to an object',
  'x-amz-bucket-object-lock-enabled': 'Object lock',
};

/**
 * Refuses what this server would otherwise misread as one of its own operations.
 * @throws {S3Error} `NotImplemented`, naming the operation as the S3 API does.
 */
export function refuseUnimplemented(request: S3Request): void {
  const names = new Set(request.query.map(([name]) => name));
  if (names.has('partNumber') && !names.has('uploadId')) {
    throw notImplemented('Reading one part of an object');
  }
  for (const [name] of request.query) {
    if (name === 'tagging' && request.key !== undefined) continue;
    const suffix = Object.hasOwn(SUBRESOURCES, name) ? SUBRESOURCES[name] : undefined;
    if (suffix === undefined) continue;
    const level = request.key === undefined ? 'Bucket' : 'Object';
    throw notImplemented(
      `${VERBS[request.method] ?? request.method} ${level} ${suffix}`.replaceAll(' ', ''),
    );
  }
  if (request.method !== 'PUT') return;
  for (const [header, what] of Object.entries(WRITE_HEADERS)) {
    if (request.headers.has(header)) throw notImplemented(what);
  }
  const storageClass = request.headers.get('x-amz-storage-class') ?? 'STANDARD';
  if (storageClass !== 'STANDARD') throw notImplemented(`The storage class ${storageClass}`);
}
