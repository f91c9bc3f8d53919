import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { UPLOAD_NOTICES } from '../../../events/uploads/notices.ts';
import { freePort } from '../../../scripts/build/free-port.ts';
import { makeUploadsWebhook } from '../../../scripts/deploy/secrets.ts';
import { startMinio } from '../../support/minio.ts';
import { startCountingStore } from '../store/counting-store.ts';
import type { S3Settings } from '../store/counting-store.ts';

/** Which object store. */
export type StoreName = 'stand-in' | 'minio';

/** A store in a process of its own, and what `npm start` has to know to use it. */
export interface BenchStore {
  readonly settings: S3Settings;
  /** Settings of `npm start`; of the stand-in none, it brings its own store. */
  readonly startWith: Readonly<Record<string, string>>;
  /** Where `npm start` must listen, since the store tells it of uploads; 0: anywhere. */
  readonly port: number;
  stop(): Promise<void>;
}

/** `npm start` with the store that it brings. */
export const OWN_STORE = { startWith: {}, port: 0 } as const;

/**
 * Starts a store on an empty folder.
 * @throws {Error} When there is no MinIO.
 */
export async function startBenchStore(name: StoreName, root: string): Promise<BenchStore> {
  if (name === 'stand-in') {
    const store = await startCountingStore(join(root, 'models/iris'));
    return { settings: store.settings, ...OWN_STORE, stop: () => store.stop() };
  }
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-bench-minio-'));
  const secret = makeUploadsWebhook();
  const file = join(dir, 'minio.env');
  await writeFile(file, secret['minio.env'] ?? '');
  const url = `http://127.0.0.1:${port}/uploads/s3-events`;
  const webhooks = UPLOAD_NOTICES.flatMap(({ id }) => [
    [`MINIO_NOTIFY_WEBHOOK_ENABLE_${id}`, 'on'],
    [`MINIO_NOTIFY_WEBHOOK_ENDPOINT_${id}`, url],
  ]);
  const minio = await startMinio({
    ...(Object.fromEntries(webhooks) as Record<string, string>),
    MINIO_CONFIG_ENV_FILE: file,
    MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_UPLOADS_KEPT: join(dir, 'queue'),
  });
  const { settings } = minio;
  return {
    settings,
    startWith: { ...settings, UPLOADS_TOKEN: secret['token'] ?? '' },
    port,
    async stop() {
      await minio.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
