import { escapeUri } from '../sigv4.ts';
import type { StoredObject } from '../stored-object.ts';
import type { EventName } from './event-names.ts';

/** Something that happened to an object. */
export interface ObjectEvent {
  readonly name: EventName;
  readonly object: StoredObject;
  /** Length of the answer's body, where MinIO's event has it. */
  readonly contentLength?: number;
}

/** Where an event comes from. */
export interface EventOrigin {
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly requestId: string;
  /** `x-amz-id-2`: the same for all that a server sends. */
  readonly hostId: string;
  readonly deploymentId: string;
  readonly endpoint: string;
  readonly clientAddress: string;
  readonly userAgent: string;
}

/** What a webhook gets, field by field as MinIO sends it, for one event. */
export function eventPayload(
  { name, object, contentLength }: ObjectEvent,
  origin: EventOrigin,
  now: Date,
): Record<string, unknown> {
  const { bucket, accessKeyId: principalId } = origin;
  return {
    EventName: name,
    Key: `${bucket}/${object.key}`,
    Records: [
      {
        eventVersion: '2.0',
        eventSource: 'minio:s3',
        // Empty, as in a MinIO that was not told a region.
        awsRegion: '',
        eventTime: now.toISOString(),
        eventName: name,
        userIdentity: { principalId },
        requestParameters: { principalId, region: '', sourceIPAddress: origin.clientAddress },
        responseElements: {
          ...(contentLength === undefined ? {} : { 'content-length': String(contentLength) }),
          'x-amz-id-2': origin.hostId,
          'x-amz-request-id': origin.requestId,
          'x-minio-deployment-id': origin.deploymentId,
          'x-minio-origin-endpoint': origin.endpoint,
        },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'Config',
          bucket: { name: bucket, ownerIdentity: { principalId }, arn: `arn:aws:s3:::${bucket}` },
          object: objectFields(name, object),
        },
        source: { host: origin.clientAddress, port: '', userAgent: origin.userAgent },
      },
    ],
  };
}

function objectFields(name: EventName, object: StoredObject): Record<string, unknown> {
  const { key, sizeBytes, etag, headers, versionId, sequencer } = object;
  // MinIO names the version of a folder marker even in a bucket without versions.
  const hasVersion = versionId !== 'null' || (key.endsWith('/') && !isRemoval(name));
  return {
    // Go's `QueryEscape`.
    key: escapeUri(key).replaceAll('%20', '+'),
    ...(isRemoval(name)
      ? {}
      : {
          ...(sizeBytes > 0 ? { size: sizeBytes } : {}),
          eTag: etag,
          contentType: headers['content-type'],
          userMetadata: { ...canonical(object.user), ...headers },
        }),
    ...(hasVersion ? { versionId } : {}),
    sequencer,
  };
}

function isRemoval(name: EventName): boolean {
  return name.startsWith('s3:ObjectRemoved:');
}

/** `team` as `X-Amz-Meta-Team`. */
function canonical(user: StoredObject['user']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(user).map(([name, value]) => {
      const words = `x-amz-meta-${name}`.split('-');
      return [words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('-'), value];
    }),
  );
}
