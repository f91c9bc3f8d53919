import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { openObjectStore } from '../../functions/runtime/object-store/s3-object-store.ts';
import { startS3Server } from '../../knative/local/s3/server.ts';
import { createBucket } from '../../functions/runtime/object-store/create-bucket.ts';
import { publishModel } from '../models/publish-model.ts';
import { freePort } from './free-port.ts';
import { NODE_FLAGS } from './node-flags.ts';
import { askForJobs, askForUploads, SELF_TEST_TOKEN } from './self-test-jobs.ts';
import { askEverything } from './self-test-requests.ts';

/** A bundle to prove. */
export interface SelfTestOptions {
  /** The function's name. */
  readonly name: string;
  /** Whether it serves the model, or routes of its own. */
  readonly kind: 'model' | 'routes';
  /** Folder of its `boot.cjs`. */
  readonly dir: string;
  /** Folder of its model package. */
  readonly model: string;
  /** Its `sample.json`; none for a function without typed requests. */
  readonly sample: string | undefined;
}

/** Of functions without a model. */
const ROUTE_TESTS: Readonly<Record<string, (url: string) => Promise<void>>> = {
  batch: askForJobs,
  uploads: askForUploads,
};

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 20;
const IDENTITY = { accessKeyId: 'self-test', secretAccessKey: 'self-test-secret' };

/**
 * Runs a bundle as it will run in the cluster: the model over S3, its sample and golden requests
 * answered, SIGTERM, a clean exit. What was compiled on the way is in the code caches beside it afterwards.
 * @throws {Error} When a step fails, with what the process wrote.
 */
export async function selfTest(options: SelfTestOptions): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-self-test-'));
  try {
    const s3 = await startS3Server({ dataDir, ...IDENTITY });
    try {
      const uri = await publish(s3.endpoint, options.model);
      const S3_ENDPOINT = s3.endpoint;
      const settings =
        options.kind === 'model'
          ? { MODEL_URI: uri }
          : // Nobody takes events here: what would be published is said to be late, and that is all.
            {
              DATA_BUCKET: 'data-self-test',
              K_SINK: `${s3.endpoint}/no-broker`,
              UPLOADS_TOKEN: SELF_TEST_TOKEN,
            };
      await proveFunction(options, { S3_ENDPOINT, ...settings });
    } finally {
      await s3.close();
    }
  } finally {
    await rm(dataDir, { recursive: true });
  }
}

async function publish(endpoint: string, dir: string): Promise<string> {
  const settings = {
    S3_ENDPOINT: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: IDENTITY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: IDENTITY.secretAccessKey,
    AWS_SESSION_TOKEN: undefined,
  };
  for (const bucket of ['models', 'data-self-test']) await createBucket(settings, bucket);
  const store = openObjectStore(settings, 'models');
  try {
    return (await publishModel({ store, dir })).uri;
  } finally {
    store.close();
  }
}

async function proveFunction(
  options: SelfTestOptions,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const port = await freePort();
  const child = spawn(process.execPath, [...NODE_FLAGS, join(options.dir, 'boot.cjs')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Nothing of our own environment: NODE_OPTIONS would change V8's flags, and with them the cache.
    env: {
      ...env,
      FUNCTION_TARGET: options.name,
      AWS_ACCESS_KEY_ID: IDENTITY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: IDENTITY.secretAccessKey,
      HOST: '127.0.0.1',
      PORT: String(port),
      NODE_ENV: 'production',
      ORT_DISABLE_TELEMETRY: '1',
      CODE_CACHE_OUT: options.dir,
    },
  });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text));
  child.stderr.on('data', (text: Buffer) => (output += text));
  const exited = once(child, 'close') as Promise<[number | null, string | null]>;
  const gone = new AbortController();
  void exited.then(() => gone.abort());
  try {
    const url = `http://127.0.0.1:${port}`;
    await untilReady(url, gone.signal);
    const askRoutes = ROUTE_TESTS[options.name];
    if (options.kind === 'model') await askEverything(url, options);
    else if (askRoutes === undefined) throw new Error('there is no self-test for it');
    else await askRoutes(url);
    child.kill('SIGTERM');
    const [code, signal] = await exited;
    if (code !== 0) throw new Error(`ended with ${code ?? signal} after SIGTERM`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Self-test of ${options.name} failed: ${reason}\n${output}`, { cause });
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

async function untilReady(url: string, gone: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([gone, AbortSignal.timeout(READY_TIMEOUT_MS)]);
  while (!signal.aborted) {
    const answer = await fetch(`${url}/ready`, { signal }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok === true) return;
    await delay(POLL_MS, undefined, { signal }).catch(() => {});
  }
  throw new Error(gone.aborted ? 'the process ended before it was ready' : 'not ready in time');
}
