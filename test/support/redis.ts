import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { freePort } from '../../scripts/build/free-port.ts';
import { findProgram } from './find-program.ts';

/** What to tell people who have no Redis: one line. */
export const NO_REDIS =
  'No Redis found: tests against a real one are skipped. Put `redis-server` on the PATH (apt-get install redis-server) or set REDIS_BIN=/path/to/redis-server.';

/** A throw-away Redis. */
export interface TestRedis {
  readonly url: string;
  /** Sends a signal: SIGSTOP makes it hang, SIGCONT lets it go on. */
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL, and a new, empty one in its place. */
  restart(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;
const POLL_MS = 20;

/** The Redis to test against: `REDIS_BIN`, else `redis-server` on the PATH; undefined when neither is there. */
export function redisBinary(): string | undefined {
  return findProgram('redis-server', 'REDIS_BIN');
}

/** Whether tests must fail, not skip, when there is no Redis (`CI_REQUIRE_REDIS=1`). */
export function isRedisRequired(): boolean {
  return process.env['CI_REQUIRE_REDIS'] === '1';
}

/**
 * Starts a Redis on a free port that keeps nothing on disk.
 * @throws {Error} When there is none, or it does not come up.
 */
export async function startRedis(): Promise<TestRedis> {
  const binary = redisBinary();
  if (binary === undefined) throw new Error(NO_REDIS);
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-redis-'));
  const port = await freePort();
  let child = await launch(binary, dir, port);
  return {
    url: `redis://127.0.0.1:${port}`,
    signal: (signal) => void child.kill(signal),
    kill: () => end(child),
    async restart() {
      await end(child);
      child = await launch(binary, dir, port);
    },
    async stop() {
      await end(child);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function launch(binary: string, dir: string, port: number): Promise<ChildProcess> {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''];
  const child = spawn(binary, [...args, '--appendonly', 'no'], { stdio: 'ignore' });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    if (await accepts(port)) return child;
    await delay(POLL_MS);
  }
  await end(child);
  throw new Error(`Redis did not come up on port ${port}`);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
