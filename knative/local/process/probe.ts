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

function isReady(port: number, readiness: Readiness, signal: AbortSignal): Promise<boolean> {
  return readiness.kind === 'http'
    ? answersHttp(port, readiness.path, signal)
    : acceptsTcp(port, signal);
}

function answersHttp(port: number, path: string, signal: AbortSignal): Promise<boolean> {
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
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 400);
    });
    probe.on('error', () => resolve(false));
    probe.end();
  });
}

/** Whether something takes connections on `port` of 127.0.0.1. Never rejects. */
export function acceptsTcp(port: number, signal: AbortSignal): Promise<boolean> {
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
