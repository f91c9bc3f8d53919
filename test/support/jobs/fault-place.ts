import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ListObjectVersionsCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';

import { createBucket } from '../../../functions/runtime/object-store/create-bucket.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import type { StandInStatus } from '../../../knative/local/status.ts';
import { runProgram } from '../run-program.ts';
import { postEvent } from '../local-eventing.ts';
import type { TestS3 } from '../local-s3.ts';
import { clientOf } from '../s3-client.ts';
import { startFaultServer } from './fault-store.ts';
import { startStoreProxy } from './store-proxy.ts';
import type { StoreFate, StoreStep } from './store-proxy.ts';

const BUCKET = 'data-dev';
const SOURCES = join(import.meta.dirname, '../../fixtures/local/from-sources.ts');

/** Real processes over a real store that can fail them: functions from their sources, behind the stand-in's router and broker. */
export interface FaultPlace extends AsyncDisposable {
  readonly router: string;
  readonly broker: string;
  /** The data bucket, past the proxy. */
  readonly store: ObjectStore;
  readonly tenant: string;
  /** What the processes wrote. */
  output(): string;
  /** Kills all processes of a Service, with SIGKILL. */
  kill(service: string): Promise<void>;
  /** What a PingSource sends every five minutes; it is answered when no job is left, or after four. */
  tick(signal: AbortSignal): Promise<void>;
  /** How many states of an object the store keeps: one that was written once has one. */
  versionsOf(key: string): Promise<number>;
}

/** How a place differs. */
export interface FaultPlaceOptions {
  /** What becomes of a call to the store. @default all go on */
  readonly decide?: (step: StoreStep) => StoreFate | Promise<StoreFate>;
  /** Settings of the functions and of the stand-in. */
  readonly env?: Readonly<Record<string, string>>;
  /** Every write of a key stays visible. @default true */
  readonly isVersioned?: boolean;
}

/** Starts it, on the store that the project of the tests asks for. */
export async function startFaultPlace(options: FaultPlaceOptions = {}): Promise<FaultPlace> {
  const { decide = () => 'go on' as const, env = {}, isVersioned = true } = options;
  const s3 = await startFaultServer();
  const settings = { ...s3.settings, AWS_SESSION_TOKEN: undefined };
  await createBucket(settings, BUCKET);
  if (isVersioned) await keepVersions(s3);
  const store = openObjectStore(settings, BUCKET);
  const proxy = await startStoreProxy(s3.settings.S3_ENDPOINT, decide);
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-faults-'));
  const program = runProgram([SOURCES], {
    ...s3.settings,
    S3_ENDPOINT: proxy.endpoint,
    PORT: '0',
    PILOTLIGHT_DATA: dataDir,
    LOG_LEVEL: 'error',
    ...env,
  });
  const [, router = ''] = await program.wrote(/^router (\S+)$/m);
  const local = async (): Promise<StandInStatus> =>
    (await (await fetch(`${router}/_local`)).json()) as StandInStatus;
  const { broker, tenant } = await local();
  return {
    router,
    broker: broker ?? '',
    store,
    tenant,
    output: () => program.output(),
    async kill(name) {
      const { services } = await local();
      const found = services.find((service) => service.name === name);
      for (const pid of found?.pids ?? []) process.kill(pid, 'SIGKILL');
    },
    async tick(signal) {
      const headers = { 'ce-id': crypto.randomUUID(), 'ce-type': 'dev.knative.sources.ping' };
      const answer = await Promise.race([postEvent(`${router}/batch/`, headers), aborted(signal)]);
      await answer.arrayBuffer();
    },
    versionsOf: (key) => versionsOf(s3, key),
    async [Symbol.asyncDispose]() {
      store.close();
      await program[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await s3.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

async function keepVersions(s3: TestS3): Promise<void> {
  const client = clientOf(s3);
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration }));
  client.destroy();
}

async function versionsOf(s3: TestS3, key: string): Promise<number> {
  const client = clientOf(s3);
  const answer = await client.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: key }));
  client.destroy();
  return (answer.Versions ?? []).filter(({ Key }) => Key === key).length;
}
