import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import type { Readiness } from '../manifests/read-services.ts';

/** queue-proxy's aggressive probing: a new attempt 50 ms after a failure. */
const RETRY_MS = 50;
/** An attempt without an answer is given up; queue-proxy waits 100 ms, but here processes share cores. */
const ATTEMPT_MS = 1000;

/**
 * Resolves once the process behind `port` is ready for the first time.
 * @throws {Error} An `AbortError` when `signal` is aborted before.
 */
export async function untilReady(
  port: number,
  readiness: Readiness,
  signal: AbortSignal,
): Promise<void> {
  while (!(await isReady(port, readiness, signal))) {
    await delay(RETRY_MS, undefined, { signal });
  }
}

/**
 * Resolves once the process behind `port` answers anything at all. A connection alone would say too little: the
 * kernel accepts them for a process that is just being killed.
 * @throws {Error} An `AbortError` when `signal` is aborted before.
 */
export async function untilAnswering(
  port: number,
  readiness: Readiness,
  signal: AbortSignal,
): Promise<void> {
  const path = readiness.kind === 'http' ? readiness.path : '/';
  while ((await askHttp(port, path, signal)) === undefined) {
    await delay(RETRY_MS, undefined, { signal });
  }
}

async function isReady(port: number, readiness: Readiness, signal: AbortSignal): Promise<boolean> {
  if (readiness.kind === 'tcp') return acceptsTcp(port, signal);
  const status = (await askHttp(port, readiness.path, signal)) ?? 0;
  return status >= 200 && status < 400;
}

/** The status of the answer; `undefined` without one. */
function askHttp(port: number, path: string, signal: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = request({
      host: '127.0.0.1',
      port,
      path,
      agent: false,
      headers: { 'user-agent': 'kube-probe/local', connection: 'close' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]),
    });
    probe.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    probe.on('error', () => resolve(undefined));
    probe.end();
  });
}

function acceptsTcp(port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]),
    });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
