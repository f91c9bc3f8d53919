import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';

import type { Config } from '../config.ts';
import { S3Transport } from './s3-transport.ts';
import { DATE } from './s3-answers.ts';
import { sdk } from './sdk.ts';

/** Where the store is and who we are there. */
export type ObjectStoreSettings = Pick<
  Config,
  'S3_ENDPOINT' | 'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_SESSION_TOKEN'
>;

/** How patient a store is. */
export interface ObjectStoreLimits {
  /** Longest time to an open connection, in milliseconds. @default 3000 */
  readonly connectTimeoutMs?: number;
  /** Longest time without a byte in either direction, in milliseconds. @default 15000 */
  readonly idleTimeoutMs?: number;
  /** How often a call is tried in all when its failure is transient. @default 3 */
  readonly maxAttempts?: number;
}

/**
 * An SDK client set up for any S3-compatible store: path style when an endpoint is given, nothing read
 * from profile files or the environment when `settings` has credentials.
 */
export function openS3Client(settings: ObjectStoreSettings, limits: ObjectStoreLimits): S3Client {
  const { connectTimeoutMs = 3000, idleTimeoutMs = 15_000, maxAttempts = 3 } = limits;
  const client = new sdk.S3Client({
    region: settings.AWS_REGION,
    ...endpointOf(settings),
    ...credentialsOf(settings),
    maxAttempts,
    retryMode: 'standard',
    defaultsMode: 'standard',
    requestHandler: new S3Transport({ connectTimeoutMs, idleTimeoutMs }),
    // Writes carry a CRC-32, which the store verifies. Reads are not verified here: whoever reads
    // knows a stronger digest (sha256 of a model file) or pins the ETag.
    requestChecksumCalculation: 'WHEN_SUPPORTED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Bodies lie in memory already; asking first would only cost a round trip.
    expectContinueHeader: false,
  });
  // The store's clock is in the head of every answer, and nowhere in what the SDK makes of it.
  client.middlewareStack.add(
    (next) => async (call) => {
      const result = await next(call);
      const { headers } = result.response as { readonly headers?: Record<string, string> };
      Object.assign(result.output?.$metadata ?? {}, { [DATE]: headers?.['date'] });
      return result;
    },
    { step: 'deserialize', priority: 'high', name: 'keepDate' },
  );
  return client;
}

function endpointOf(settings: ObjectStoreSettings): S3ClientConfig {
  return settings.S3_ENDPOINT === undefined
    ? {}
    : { endpoint: settings.S3_ENDPOINT, forcePathStyle: true };
}

function credentialsOf(settings: ObjectStoreSettings): S3ClientConfig {
  const accessKeyId = settings.AWS_ACCESS_KEY_ID;
  const secretAccessKey = settings.AWS_SECRET_ACCESS_KEY;
  const sessionToken = settings.AWS_SESSION_TOKEN;
  if (accessKeyId === undefined || secretAccessKey === undefined) return {};
  const token = sessionToken === undefined ? {} : { sessionToken };
  return { credentials: { accessKeyId, secretAccessKey, ...token } };
}
