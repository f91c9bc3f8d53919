import { randomUUID } from 'node:crypto';

import { ObjectStoreError } from '../../../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { probeConditionalPut } from '../../../functions/runtime/object-store/probe-conditional-put.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { askHttp } from '../http-ask.ts';
import { storeFinding } from './store-finding.ts';
import { readStoreSettings } from './store-settings.ts';

/** Where models are published. */
const BUCKET = 'models';
/** Stores refuse from 15 minutes on; clocks that are this far apart will get there. */
const MAX_SKEW_MS = 5 * 60_000;

/**
 * Whether the object store of the environment answers, has our clock, knows us, has the bucket of the models
 * and honours conditional PUT. The last writes one small object and deletes it again.
 */
export async function checkObjectStore({ env, signal }: CheckContext): Promise<readonly Line[]> {
  const settings = readStoreSettings(env);
  if ('lines' in settings) return settings.lines;
  const endpoint = settings.values.S3_ENDPOINT;
  const answer = await askHttp(endpoint, { signal });
  if ('problem' in answer) return [found('S3_UNREACHABLE', `${endpoint}: ${answer.problem}`)];

  const store = openObjectStore(settings.values, BUCKET, { maxAttempts: 1 });
  try {
    const clock = clockLine(answer.headers.get('date'), Date.now());
    const listed = await listLine(store, signal);
    const lines = [ok(`${endpoint} answers`), clock, listed];
    return listed.status === 'ok' ? [...lines, await conditionLine(store, signal)] : lines;
  } finally {
    store.close();
  }
}

function clockLine(date: string | null, nowMs: number): Line {
  const theirsMs = Date.parse(date ?? '');
  if (Number.isNaN(theirsMs))
    return skipped('the store’s answers have no Date: clocks not compared');
  const skewMs = nowMs - theirsMs;
  const text = `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs < 0 ? 'behind' : 'ahead of'} the store`;
  return Math.abs(skewMs) > MAX_SKEW_MS
    ? found('S3_CLOCK_SKEWED', `this machine is ${text}`)
    : ok('clocks agree');
}

async function listLine(store: ObjectStore, signal: AbortSignal): Promise<Line> {
  try {
    // One page is enough to know.
    const { done } = await store.list({ prefix: '', signal })[Symbol.asyncIterator]().next();
    return ok(`bucket ${store.bucket} can be read${done === true ? ', and is empty' : ''}`);
  } catch (cause) {
    return storeFinding(cause);
  }
}

async function conditionLine(store: ObjectStore, signal: AbortSignal): Promise<Line> {
  try {
    const holds = await probeConditionalPut(store, `_doctor/${randomUUID()}`, { signal });
    return holds
      ? ok('conditional PUT is honoured')
      : found('S3_CONDITIONAL_PUT_IGNORED', `in the bucket ${store.bucket}`);
  } catch (cause) {
    if (cause instanceof ObjectStoreError && cause.status === 403) {
      return skipped('these credentials may only read: conditional PUT not tried');
    }
    return storeFinding(cause);
  }
}
