import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'vitest';

import type { PartLine } from '../../../events/jobs/part-line.ts';
import { UPLOAD_NOTICES } from '../../../events/uploads/notices.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { tellWebhooks } from '../../../functions/runtime/object-store/tell-webhooks.ts';
import type { StandInStatus } from '../../../knative/local/status.ts';
import { storeSettings } from '../../../knative/local/storage.ts';
import { freePort } from '../../../scripts/build/free-port.ts';
import { makeUploadsWebhook } from '../../../scripts/deploy/secrets.ts';
import { startMinio } from '../../support/minio.ts';
import { runProgram } from '../../support/run-program.ts';
import type { RunningProgram } from '../../support/run-program.ts';

const SOURCES = join(import.meta.dirname, '../../fixtures/local/from-sources.ts');
/** As deploy makes it: the token, and the file that tells it to MinIO. */
const SECRET = makeUploadsWebhook();
/** Starts of three functions from their sources, on a machine with other work. */
const PATIENCE = { timeout: 90_000, interval: 250 };

/** What came of an upload. */
export interface Outcome {
  readonly latest: { readonly etag: string; readonly output: string };
  /** Of that output. */
  readonly text: string;
}

/** `npm start`, and a store that tells it of new objects. */
export interface UploadPlace {
  /** Of the data bucket. */
  readonly store: ObjectStore;
  readonly s3: StandInStatus['s3'];
  /** What came of an object, once there is something. */
  outcomeOf(path: string, etag: string): Promise<Outcome>;
  stop(): Promise<void>;
}

/** Starts it with its own store, or with a MinIO. */
export async function startUploads(withMinio: boolean): Promise<UploadPlace> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-uploads-'));
  const port = await freePort();
  await writeFile(join(dataDir, 'minio.env'), SECRET['minio.env'] ?? '');
  const minio = withMinio
    ? await startMinio(webhooks(`http://127.0.0.1:${port}/uploads/s3-events`, dataDir))
    : undefined;
  const program = runProgram([SOURCES], {
    PORT: String(port),
    S3_PORT: '0',
    PILOTLIGHT_DATA: dataDir,
    LOG_LEVEL: 'warn',
    TEST_MODELS: 'iris,image,denoise',
    ...(minio === undefined ? {} : { ...minio.settings, UPLOADS_TOKEN: SECRET['token'] ?? '' }),
  });
  const [, router = ''] = await program.wrote(/^router (\S+)$/m);
  const { s3, buckets } = (await (await fetch(`${router}/_local`)).json()) as StandInStatus;
  if (minio !== undefined) {
    await tellWebhooks(storeSettings(s3), buckets.data, UPLOAD_NOTICES);
  }
  const store = openObjectStore(storeSettings(s3), buckets.data);
  return {
    store,
    s3,
    outcomeOf: (path, etag) => outcomeOf(store, program, { path, etag }),
    async stop() {
      store.close();
      await program[Symbol.asyncDispose]();
      await minio?.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The lines of predictions. */
export function linesIn({ text }: Pick<Outcome, 'text'>): PartLine[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as PartLine);
}

/** MinIO's settings: one webhook that tells at once, one that keeps what it cannot deliver. */
function webhooks(url: string, dataDir: string): Record<string, string> {
  const settings = UPLOAD_NOTICES.flatMap(({ id }) => [
    [`MINIO_NOTIFY_WEBHOOK_ENABLE_${id}`, 'on'],
    [`MINIO_NOTIFY_WEBHOOK_ENDPOINT_${id}`, url],
  ]);
  return {
    ...(Object.fromEntries(settings) as Record<string, string>),
    MINIO_CONFIG_ENV_FILE: join(dataDir, 'minio.env'),
    MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_UPLOADS_KEPT: join(dataDir, 'queue'),
  };
}

async function outcomeOf(
  store: ObjectStore,
  program: RunningProgram,
  { path, etag }: { readonly path: string; readonly etag: string },
): Promise<Outcome> {
  const textOf = async (key: string): Promise<string> =>
    (await store.getBytes(key, { maxBytes: 64 * 1024 * 1024 })).bytes.toString();
  const latest = async (): Promise<Outcome['latest'] | undefined> => {
    const key = `out/${path}/latest.json`;
    if ((await store.head(key)) === undefined) return undefined;
    return JSON.parse(await textOf(key)) as Outcome['latest'];
  };
  await expect
    .poll(async () => (await latest())?.etag, { ...PATIENCE, message: program.output() })
    .toBe(etag);
  const found = (await latest()) as Outcome['latest'];
  return { latest: found, text: await textOf(found.output) };
}
