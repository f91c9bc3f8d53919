import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import type { Kubectl } from '../../../scripts/deploy/kubectl.ts';
import { ensureSecret } from '../../../scripts/deploy/secrets.ts';

/** A tenant's bucket in the cluster's MinIO, until it is disposed of. */
export interface DataBucket extends AsyncDisposable {
  readonly store: ObjectStore;
}

/** Opens it as root: those who run jobs may not write inputs. */
export async function openDataBucket(kubectl: Kubectl, bucket: string): Promise<DataBucket> {
  const root = await ensureSecret(kubectl, 'minio-root', () => ({}));
  const forward = await kubectl.portForward('service/minio', 9000);
  const settings = {
    S3_ENDPOINT: forward.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: root['root-user'],
    AWS_SECRET_ACCESS_KEY: root['root-password'],
    AWS_SESSION_TOKEN: undefined,
  };
  const store = openObjectStore(settings, bucket);
  return {
    store,
    async [Symbol.asyncDispose]() {
      store.close();
      await forward[Symbol.asyncDispose]();
    },
  };
}
