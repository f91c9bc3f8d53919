import { openObjectReader } from '../../functions/runtime/object-store/s3-object-reader.ts';
import { openObjectStore } from '../../functions/runtime/object-store/s3-object-store.ts';
import type {
  ObjectReader,
  ObjectStore,
} from '../../functions/runtime/object-store/object-store.ts';
import type { ObjectStoreSettings } from '../../functions/runtime/object-store/s3-client.ts';
import { createBucket } from '../../functions/runtime/object-store/create-bucket.ts';
import { startFaultyStore } from './faulty-store.ts';
import type { FaultyStore } from './faulty-store.ts';
import { startLocalS3 } from './local-s3.ts';
import type { PackageFiles } from './package-fixture.ts';

/** An S3 server with an empty bucket `models`, and a proxy in front of it that can go wrong. */
export interface ModelsBucket {
  /** Of the proxy. */
  readonly settings: ObjectStoreSettings;
  readonly proxy: FaultyStore;
  /** Through the proxy, without attempts of the SDK's own: every fault is seen. */
  openStore(bucket: string): Promise<ObjectStore>;
  /** The same as a cold start opens it: without the SDK. */
  openReader(bucket: string): Promise<ObjectReader>;
  /** Straight to the server; stays open until `stop`. */
  readonly store: ObjectStore;
  /** Puts files below `prefix`, straight to the server. */
  upload(prefix: string, files: PackageFiles): Promise<void>;
  stop(): Promise<void>;
}

/** Starts both on free ports. */
export async function startModelsBucket(): Promise<ModelsBucket> {
  const s3 = await startLocalS3();
  await createBucket(s3.settings, 'models');
  const store = openObjectStore(s3.settings, 'models');
  const proxy = await startFaultyStore(s3.settings.S3_ENDPOINT);
  const settings = { ...s3.settings, S3_ENDPOINT: proxy.endpoint, AWS_SESSION_TOKEN: undefined };
  return {
    settings,
    proxy,
    store,
    openStore: async (bucket) => openObjectStore(settings, bucket, { maxAttempts: 1 }),
    openReader: async (bucket) =>
      openObjectReader(
        {
          endpoint: proxy.endpoint,
          region: settings.AWS_REGION,
          accessKeyId: settings.AWS_ACCESS_KEY_ID,
          secretAccessKey: settings.AWS_SECRET_ACCESS_KEY,
        },
        bucket,
      ),
    async upload(prefix, files) {
      for (const [name, bytes] of files) await store.put(`${prefix}/${name}`, bytes);
    },
    async stop() {
      store.close();
      await proxy.close();
      await s3.stop();
    },
  };
}
