import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { Kubectl } from '../../../scripts/deploy/kubectl.ts';

/** A Service of the cluster, and what to ask it. */
export interface PodService {
  readonly name: string;
  /** The ingress, as this machine reaches it. */
  readonly gateway: string;
  /** The Service's own host name. */
  readonly host: string;
  readonly path: string;
  /** JSON; without it the request is a GET. */
  readonly body?: Buffer;
}

/** One start of a pod. */
export interface PodStart {
  /** From the request to its whole answer, through the gateway. */
  readonly totalMs: number;
  /** From the start of the user's container, which Kubernetes tells in whole seconds, to the answer. */
  readonly ownMs: number;
}

const POLL_MS = 500;
const ZERO_TIMEOUT_MS = 240_000;
const ANSWER_TIMEOUT_MS = 120_000;

/**
 * Waits until a Service has no pods, sends one request, and times its answer.
 * @throws {Error} When pods do not go, or the answer is not 200.
 */
export async function firstAnswer(kubectl: Kubectl, service: PodService): Promise<PodStart> {
  await untilNoPods(kubectl, service.name);
  const startedMs = performance.now();
  const { status, text } = await ask(service);
  const totalMs = performance.now() - startedMs;
  const answeredAt = Date.now();
  if (status !== 200) throw new Error(`${service.name} answered ${status}: ${text.slice(0, 200)}`);
  const containerStartedAt = await containerStart(kubectl, service.name);
  return { totalMs, ownMs: answeredAt - containerStartedAt };
}

async function untilNoPods(kubectl: Kubectl, name: string): Promise<void> {
  const endMs = performance.now() + ZERO_TIMEOUT_MS;
  while ((await podsOf(kubectl, name)).length > 0) {
    if (performance.now() > endMs) throw new Error(`${name} did not scale to zero`);
    await delay(POLL_MS);
  }
}

interface Pod {
  readonly status: {
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly state: { readonly running?: { readonly startedAt: string } };
    }[];
  };
}

async function podsOf(kubectl: Kubectl, name: string): Promise<readonly Pod[]> {
  const selector = `serving.knative.dev/service=${name}`;
  const text = await kubectl.run(['get', 'pods', '--selector', selector, '--output', 'json']);
  return (JSON.parse(text) as { readonly items: readonly Pod[] }).items;
}

async function containerStart(kubectl: Kubectl, name: string): Promise<number> {
  const [pod] = await podsOf(kubectl, name);
  const statuses = pod?.status.containerStatuses ?? [];
  const started = statuses.find((each) => each.name !== 'queue-proxy')?.state.running?.startedAt;
  if (started === undefined) throw new Error(`${name} has no running container`);
  return Date.parse(started);
}

function ask({ gateway, host, path, body }: PodService): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      host,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const method = body === undefined ? 'GET' : 'POST';
    const outgoing = request(new URL(path, gateway), { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    outgoing.setTimeout(ANSWER_TIMEOUT_MS, () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
