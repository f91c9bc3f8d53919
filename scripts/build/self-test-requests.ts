import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { goldenFile } from '../../models/loader/package-schema.ts';
import type { SelfTestOptions } from './self-test.ts';

/** Allowed difference: |ours − theirs| ≤ absolute + relative · |theirs|. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/**
 * Sends the sample and every golden case, on the typed route and on the protocol's, and asks for what
 * else a client reads at the start.
 * @throws {Error} When an answer is not 200, or not what the original framework computed.
 */
export async function askEverything(
  url: string,
  { model, sample }: Pick<SelfTestOptions, 'model' | 'sample'>,
): Promise<void> {
  const golden = goldenFile.parse(await readJson(join(model, 'golden.json')));
  const name = basename(model);
  if (sample !== undefined) await post(`${url}/predict`, await readJson(sample));
  for (const { inputs, outputs, instances, predictions } of golden.cases) {
    if (sample !== undefined && instances !== undefined && predictions !== undefined) {
      const answer = await post(`${url}/predict`, { instances });
      requireClose(answer, { predictions }, golden.tolerance, '/predict');
    }
    const answer = await post(`${url}/v2/models/${name}/infer`, { inputs });
    const theirs = Object.fromEntries(outputs.map((output) => [output.name, output]));
    for (const ours of (answer as { outputs: { name: string }[] }).outputs) {
      requireClose(ours, theirs[ours.name], golden.tolerance, `/v2 ${ours.name}`);
    }
  }
  if (sample !== undefined) await postEvent(url, await readJson(sample));
  await get(`${url}/v2/models/${name}`);
  const metrics = await fetch(`${url}/metrics`);
  if (!(await metrics.text()).includes('inference_requests_total')) {
    throw new Error(`${url}/metrics answered ${metrics.status} without inference_requests_total`);
  }
}

/**
 * Everything in `theirs` must be in `ours`: numbers within the tolerance, the rest equal. What `ours` has
 * beyond that is no fault.
 * @throws {Error} Naming the first place that differs.
 */
export function requireClose(
  ours: unknown,
  theirs: unknown,
  tolerance: Tolerance,
  place: string,
): void {
  if (typeof theirs === 'number' && typeof ours === 'number') {
    const allowed = tolerance.absolute + tolerance.relative * Math.abs(theirs);
    if (Math.abs(ours - theirs) <= allowed) return;
  } else if (Array.isArray(theirs) && Array.isArray(ours) && theirs.length === ours.length) {
    theirs.forEach((item, i) => requireClose(ours[i], item, tolerance, `${place}[${i}]`));
    return;
  } else if (isObject(theirs) && isObject(ours)) {
    for (const [key, value] of Object.entries(theirs)) {
      requireClose(ours[key], value, tolerance, `${place}.${key}`);
    }
    return;
  } else if (ours === theirs) return;
  throw new Error(`${place}: is ${JSON.stringify(ours)}, must be ${JSON.stringify(theirs)}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function post(url: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  return answerOf(await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }), url);
}

/** The first event loads code of its own, whose code cache is made here. */
async function postEvent(url: string, sample: unknown): Promise<void> {
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': 'self-test',
    'ce-source': '/self-test',
    'ce-type': 'dev.pilotlight.inference.request.v1',
    'ce-format': 'predict',
    'content-type': 'application/json',
  };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(sample) });
  await answerOf(response, url);
  if (response.headers.get('ce-causationid') !== 'self-test') {
    throw new Error(`${url} answered an event without a reply`);
  }
}

async function get(url: string): Promise<unknown> {
  return answerOf(await fetch(url), url);
}

async function answerOf(response: Response, url: string): Promise<unknown> {
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}
