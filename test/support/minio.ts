import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { freePort } from '../../scripts/build/free-port.ts';
import { findProgram } from './find-program.ts';
import type { TestS3 } from './local-s3.ts';

/** What to tell people who have no MinIO: one line. */
export const NO_MINIO =
  'No MinIO found: tests against a real one are skipped. Put `minio` on the PATH or set MINIO_BIN=/path/to/minio (go install github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c).';

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 25;

/** The MinIO server to test against: `MINIO_BIN`, else `minio` on the PATH; undefined when neither is there. */
export function minioBinary(): string | undefined {
  return findProgram('minio', 'MINIO_BIN');
}

/** Whether tests must fail, not skip, when there is no MinIO (`CI_REQUIRE_MINIO=1`). */
export function isMinioRequired(): boolean {
  return process.env['CI_REQUIRE_MINIO'] === '1';
}

/**
 * Starts a throw-away MinIO on a free port with random credentials.
 * @param more Settings of its own, such as webhooks.
 * @throws {Error} When there is none, or it does not come up; the message has what it printed.
 */
export async function startMinio(more: Readonly<Record<string, string>> = {}): Promise<TestS3> {
  const binary = minioBinary();
  if (binary === undefined) throw new Error(NO_MINIO);
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-minio-'));
  const [data, certs] = [join(dir, 'data'), join(dir, 'certs')];
  await mkdir(data);
  await mkdir(certs);
  const address = `127.0.0.1:${await freePort()}`;
  const user = randomBytes(8).toString('hex');
  const password = randomBytes(16).toString('hex');
  const child = spawn(binary, ['server', '--address', address, '--certs-dir', certs, data], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: dir,
      MINIO_ROOT_USER: user,
      MINIO_ROOT_PASSWORD: password,
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(child, `http://${address}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    settings: {
      S3_ENDPOINT: `http://${address}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: user,
      AWS_SECRET_ACCESS_KEY: password,
    },
    stop,
  };
}

/** `/minio/health/cluster` is the last of its health pages to turn 200. */
async function waitUntilReady(child: ChildProcess, endpoint: string): Promise<void> {
  let printed = '';
  let failed: Error | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  }
  child.once('error', (error) => (failed = error));
  child.once('exit', (code) => (failed ??= new Error(`MinIO exited with ${code}:\n${printed}`)));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (failed !== undefined) throw failed;
    const answer = await fetch(`${endpoint}/minio/health/cluster`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return;
    await delay(POLL_MS);
  }
  throw new Error(`MinIO did not become ready in ${START_TIMEOUT_MS} ms:\n${printed}`);
}
