import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startS3Server } from '../../knative/local/s3/server.ts';
import type { S3ServerOptions } from '../../knative/local/s3/server.ts';

/** A store that a test owns. */
export interface TestS3 {
  /** What `openObjectStore` needs. */
  readonly settings: Readonly<
    Record<'S3_ENDPOINT' | 'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string>
  >;
  /** Stops it and removes its data. */
  readonly stop: () => Promise<void>;
}

/** Starts the local stand-in on a free port and an empty folder. */
export async function startLocalS3(options: Partial<S3ServerOptions> = {}): Promise<TestS3> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-s3-'));
  const accessKeyId = randomBytes(8).toString('hex');
  const secretAccessKey = randomBytes(16).toString('hex');
  const server = await startS3Server({ dataDir, accessKeyId, secretAccessKey, ...options });
  return {
    settings: {
      S3_ENDPOINT: server.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: options.accessKeyId ?? accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
    async stop() {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
