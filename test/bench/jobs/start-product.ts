import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { UPLOAD_NOTICES } from '../../../events/uploads/notices.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { tellWebhooks } from '../../../functions/runtime/object-store/tell-webhooks.ts';
import type { StandInStatus } from '../../../knative/local/status.ts';
import { storeSettings } from '../../../knative/local/storage.ts';
import type { BenchStore } from './bench-store.ts';

/** `npm start`, with no function running yet. */
export interface Product extends AsyncDisposable {
  readonly router: string;
  /** The data bucket. */
  readonly store: ObjectStore;
  /** What it has written so far, the last of it. */
  output(): string;
  /** Resolves once the object is there, with the moment on the clock of `performance.now()`. */
  until(key: string): Promise<number>;
}

const LOOK_EVERY_MS = 5;
const PATIENCE_MS = 120_000;
const KEPT_OUTPUT = 4096;

/**
 * Starts `npm start` over a store, and waits until it serves.
 * @throws {Error} With what it has written, when it does not come up.
 */
export async function startProduct(
  root: string,
  { startWith, port }: Pick<BenchStore, 'startWith' | 'port'>,
): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-bench-start-'));
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(root, 'scripts/start.ts')], {
    cwd: root,
    env: {
      PATH,
      HOME,
      PORT: String(port),
      S3_PORT: '0',
      PILOTLIGHT_DATA: dataDir,
      LOG_LEVEL: 'warn',
      ...startWith,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output = (output + text.toString()).slice(-KEPT_OUTPUT);
    });
  }
  const exited = once(child, 'exit');
  let isOver = false;
  void exited.then(() => (isOver = true));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    await rm(dataDir, { recursive: true, force: true });
  };
  const patient = (): (() => void) => {
    const endsMs = performance.now() + PATIENCE_MS;
    return () => {
      if (isOver) throw new Error(`npm start has ended:\n${output}`);
      if (performance.now() > endsMs) throw new Error(`npm start does not get there:\n${output}`);
    };
  };
  try {
    const check = patient();
    let router: string | undefined;
    while (router === undefined) {
      check();
      await delay(LOOK_EVERY_MS);
      router = /^router (\S+)\n/m.exec(output)?.[1];
    }
    const status = (await (await fetch(`${router}/_local`)).json()) as StandInStatus;
    const settings = storeSettings(status.s3);
    if ('S3_ENDPOINT' in startWith) {
      await tellWebhooks(settings, status.buckets.data, UPLOAD_NOTICES);
    }
    const store = openObjectStore(settings, status.buckets.data);
    return {
      router,
      store,
      output: () => output,
      async until(key) {
        const checkKey = patient();
        while ((await store.head(key)) === undefined) {
          checkKey();
          await delay(LOOK_EVERY_MS);
        }
        return performance.now();
      },
      async [Symbol.asyncDispose]() {
        store.close();
        await stop();
      },
    };
  } catch (cause) {
    await stop();
    throw cause;
  }
}
