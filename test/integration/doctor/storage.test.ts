import { writeFile } from 'node:fs/promises';
import { cp } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { freePort } from '../../../knative/local/process/free-port.ts';
import type { Line } from '../../../scripts/doctor/check.ts';
import type {
  MODELS_FINDINGS,
  STORAGE_FINDINGS,
} from '../../../scripts/doctor/findings/storage.ts';
import { checkModelsInCluster } from '../../../scripts/doctor/models/in-cluster.ts';
import { checkModelsInStandIn } from '../../../scripts/doctor/models/in-stand-in.ts';
import { checkPackagesHere } from '../../../scripts/doctor/models/packages.ts';
import { checkPublished } from '../../../scripts/doctor/models/published.ts';
import { checkMinio } from '../../../scripts/doctor/storage/minio.ts';
import { checkObjectStore } from '../../../scripts/doctor/storage/object-store.ts';
import { publishModel } from '../../../scripts/models/publish-model.ts';
import { startLocalS3 } from '../../support/local-s3.ts';
import { startModelsBucket, type ModelsBucket } from '../../support/models-bucket.ts';
import { clusterWith } from './recorded-cluster.ts';
import { codesOf, contextOf, emptyFolder, irisClone, listen, programs, ROOT } from './support.ts';

type Lines = Promise<readonly Line[]>;

const KEYS = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };

async function bucket(): Promise<ModelsBucket> {
  const models = await startModelsBucket();
  onTestFinished(() => models.stop());
  return models;
}

function environment(settings: ModelsBucket['settings']): NodeJS.ProcessEnv {
  const { S3_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = settings;
  return { S3_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY };
}

async function storeAt(listener: RequestListener): Lines {
  const { url } = await listen(listener);
  return checkObjectStore(contextOf(ROOT, { S3_ENDPOINT: url, ...KEYS }));
}

const refusal =
  (status: number, code: string): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>
      <Error><Code>${code}</Code><Message>no</Message></Error>`);

const goodStore = async (): Lines => {
  const { settings } = await bucket();
  return checkObjectStore(contextOf(ROOT, environment(settings)));
};

const STORAGE: Record<
  keyof typeof STORAGE_FINDINGS,
  { provoke: () => Lines; absent: () => Lines }
> = {
  MINIO_BROKEN: {
    provoke: async () => {
      const folder = await programs({ minio: 'echo "exec format error" >&2; exit 126' });
      return checkMinio(contextOf(ROOT, { MINIO_BIN: join(folder, 'minio') }));
    },
    absent: async () =>
      checkMinio(contextOf(ROOT, { PATH: await programs({ minio: 'echo minio 1' }) })),
  },
  S3_SETTINGS_INVALID: {
    provoke: () => checkObjectStore(contextOf(ROOT, { S3_ENDPOINT: 'minio:9000', ...KEYS })),
    absent: goodStore,
  },
  S3_UNREACHABLE: {
    provoke: async () => {
      const S3_ENDPOINT = `http://127.0.0.1:${await freePort()}`;
      return checkObjectStore(contextOf(ROOT, { S3_ENDPOINT, ...KEYS }));
    },
    absent: goodStore,
  },
  S3_CLOCK_SKEWED: {
    provoke: () =>
      storeAt((_request, response) => {
        response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString());
        response.writeHead(403).end();
      }),
    absent: goodStore,
  },
  S3_CREDENTIALS_MISSING: {
    provoke: () => checkObjectStore(contextOf(ROOT, { S3_ENDPOINT: 'http://127.0.0.1:9000' })),
    absent: goodStore,
  },
  S3_CREDENTIALS_REFUSED: {
    provoke: async () => {
      const { settings } = await bucket();
      const env = { ...environment(settings), AWS_SECRET_ACCESS_KEY: 'not-the-secret' };
      return checkObjectStore(contextOf(ROOT, env));
    },
    absent: goodStore,
  },
  S3_ACCESS_DENIED: { provoke: () => storeAt(refusal(403, 'AccessDenied')), absent: goodStore },
  S3_BUCKET_MISSING: {
    provoke: async () => {
      const s3 = await startLocalS3();
      onTestFinished(() => s3.stop());
      return checkObjectStore(contextOf(ROOT, { ...s3.settings }));
    },
    absent: goodStore,
  },
  S3_FAILING: { provoke: () => storeAt(refusal(500, 'InternalError')), absent: goodStore },
  S3_CONDITIONAL_PUT_IGNORED: {
    provoke: () =>
      storeAt((request, response) => {
        if (request.method !== 'GET') return response.writeHead(200, { etag: '"e"' }).end();
        return response.end(
          '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>',
        );
      }),
    absent: goodStore,
  },
};

test.each(Object.entries(STORAGE))('%s is found, and not where all is well', async (code, one) => {
  expect(codesOf(await one.provoke())).toContain(code);
  expect(codesOf(await one.absent())).toEqual([]);
});

test('the probe of conditional PUT leaves nothing behind', async () => {
  const { settings, store } = await bucket();

  const lines = await checkObjectStore(contextOf(ROOT, environment(settings)));

  expect(lines.at(-1)?.text).toBe('conditional PUT is honoured');
  expect(await Array.fromAsync(store.list({ prefix: '' }))).toEqual([]);
});

test('credentials that may only read are no fault', async () => {
  const lines = await storeAt((request, response) => {
    if (request.method !== 'GET') return refusal(403, 'AccessDenied')(request, response);
    return response.end('<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>');
  });

  expect(codesOf(lines)).toEqual([]);
  expect(lines.at(-1)).toMatchObject({ status: 'skipped' });
});

test('without MinIO and without an object store, both are skipped', async () => {
  const context = contextOf(ROOT, { PATH: await emptyFolder() });

  const lines = [...(await checkMinio(context)), ...(await checkObjectStore(context))];

  expect(lines.map(({ status }) => status)).toEqual(['skipped', 'skipped']);
});

/** A clone with one model package. */
async function cloneWithIris(): Promise<string> {
  const root = await emptyFolder();
  await cp(join(ROOT, 'models/iris'), join(root, 'models/iris'), { recursive: true });
  return root;
}

const goodPackage = async (): Lines => checkPackagesHere(contextOf(await cloneWithIris()));

/** What the doctor says of the published iris after `damage` was done to it. */
async function published(damage?: (models: ModelsBucket) => Promise<unknown>): Lines {
  const models = await bucket();
  const root = await cloneWithIris();
  await publishModel({ store: models.store, dir: join(root, 'models/iris') });
  await damage?.(models);
  return checkPublished(contextOf(root, environment(models.settings)));
}

/** What the doctor says of the models in a cluster whose MinIO is `models`, for the keys in its Secret. */
async function inCluster(models: ModelsBucket, secretKey?: string): Lines {
  const { S3_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = models.settings;
  const keys = {
    'access-key-id': AWS_ACCESS_KEY_ID ?? '',
    'secret-access-key': secretKey ?? AWS_SECRET_ACCESS_KEY ?? '',
  };
  const data = Object.fromEntries(
    Object.entries(keys).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  );
  const reader = { stdout: JSON.stringify({ data }) };
  const env = await clusterWith({ reader }, Number(new URL(S3_ENDPOINT ?? '').port));
  return checkModelsInCluster(contextOf(await irisClone(), env));
}

async function publishedInCluster(secretKey?: string): Lines {
  const models = await bucket();
  await publishModel({ store: models.store, dir: join(ROOT, 'models/iris') });
  return inCluster(models, secretKey);
}

/** What it says of the store of an `npm start` that says of itself that its store is there. */
async function inStandIn(settings: ModelsBucket['settings']): Lines {
  const { S3_ENDPOINT: endpoint, AWS_ACCESS_KEY_ID: accessKeyId } = settings;
  const secretAccessKey = settings.AWS_SECRET_ACCESS_KEY;
  const { port } = await listen((_request, response) =>
    response.end(
      JSON.stringify({
        router: 'http://localhost',
        s3: { endpoint, accessKeyId, secretAccessKey, region: 'us-east-1' },
        buckets: { models: 'models', data: 'data-dev' },
      }),
    ),
  );
  return checkModelsInStandIn(contextOf(await irisClone(), { PORT: String(port) }));
}

const MODELS: Record<keyof typeof MODELS_FINDINGS, { provoke: () => Lines; absent: () => Lines }> =
  {
    MODEL_PACKAGE_BROKEN: {
      provoke: async () => {
        const root = await cloneWithIris();
        await writeFile(join(root, 'models/iris/model.onnx'), 'not a graph');
        return checkPackagesHere(contextOf(root));
      },
      absent: goodPackage,
    },
    MODEL_NOT_PUBLISHED: {
      provoke: () => published(({ store }) => store.delete('_shared/iris/1/model.json')),
      absent: published,
    },
    STAND_IN_STORE_DOWN: {
      provoke: async () => {
        const { settings } = await bucket();
        return inStandIn({ ...settings, S3_ENDPOINT: `http://127.0.0.1:${await freePort()}` });
      },
      absent: async () => {
        const models = await bucket();
        await publishModel({ store: models.store, dir: join(ROOT, 'models/iris') });
        return inStandIn(models.settings);
      },
    },
    CLUSTER_STORE_UNREACHABLE: {
      provoke: async () => {
        const keys = { 'access-key-id': 'a2V5', 'secret-access-key': 'a2V5' };
        const reader = { stdout: JSON.stringify({ data: keys }) };
        return checkModelsInCluster(contextOf(await irisClone(), await clusterWith({ reader })));
      },
      absent: publishedInCluster,
    },
    CLUSTER_STORE_REFUSES: {
      provoke: () => publishedInCluster('another'),
      absent: publishedInCluster,
    },
    MODEL_PUBLISHED_OTHERWISE: {
      provoke: () => published(({ store }) => store.put('_shared/iris/1/model.json', '{}')),
      absent: published,
    },
    MODEL_PUBLISHED_BROKEN: {
      provoke: () => published(({ store }) => store.put('_shared/iris/1/model.onnx', 'x')),
      absent: published,
    },
  };

test('a model that is not in the store of the cluster, or of npm start, is found there', async () => {
  const models = await bucket();

  expect(codesOf(await inCluster(models))).toEqual(['MODEL_NOT_PUBLISHED']);
  expect(codesOf(await inStandIn(models.settings))).toEqual(['MODEL_NOT_PUBLISHED']);
});

test('without npm start and without a cluster nothing is said of their stores', async () => {
  const context = contextOf(ROOT, { PORT: String(await freePort()) });

  expect(await checkModelsInStandIn(context)).toMatchObject([{ status: 'skipped' }]);
  expect(await checkModelsInCluster(context)).toEqual([]);
});

test.each(Object.entries(MODELS))('%s is found, and not where all is well', async (code, one) => {
  expect(codesOf(await one.provoke())).toContain(code);
  expect(codesOf(await one.absent())).toEqual([]);
});
