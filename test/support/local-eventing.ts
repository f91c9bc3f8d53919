import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { LocalEventing } from '../../knative/local/broker/local-eventing.ts';
import type { LocalEventingOptions } from '../../knative/local/broker/local-eventing.ts';
import type {
  DeliverySpec,
  EventingSpec,
  TriggerSpec,
} from '../../knative/local/manifests/eventing-spec.ts';

/** How a test's trigger delivers when nothing else is said: once, and that is it. */
export const ONCE: DeliverySpec = {
  retry: 0,
  backoffPolicy: 'exponential',
  backoffDelayMs: 200,
  timeoutMs: 60_000,
  retryAfterMaxMs: undefined,
  deadLetterSink: undefined,
  format: 'binary',
};

/** A trigger of the broker `ns/default` for the receiver at `url`. */
export function triggerTo(url: string, more: Partial<TriggerSpec> = {}): TriggerSpec {
  return {
    namespace: 'ns',
    name: 'trigger',
    broker: 'default',
    filters: [],
    subscriber: { kind: 'address', url },
    delivery: ONCE,
    ...more,
  };
}

/** The broker `ns/default` with these triggers. */
export function brokerWith(...triggers: TriggerSpec[]): EventingSpec {
  return { brokers: [{ namespace: 'ns', name: 'default' }], triggers, pings: [] };
}

/** A local broker over a folder of its own, which goes with it. */
export interface TestBroker extends AsyncDisposable {
  readonly eventing: LocalEventing;
  /** Of `ns/default`. */
  readonly url: string;
  /** What it said. */
  readonly lines: readonly string[];
}

/** Starts the broker `ns/default`. */
export async function startBroker(
  spec: EventingSpec,
  options: Partial<LocalEventingOptions> = {},
): Promise<TestBroker> {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-broker-'));
  const lines: string[] = [];
  const eventing = await LocalEventing.open({
    dir,
    router: 'http://127.0.0.1:2',
    log: (line) => void lines.push(line),
    ...options,
  });
  await eventing.apply(spec);
  return {
    eventing,
    url: eventing.brokerUrl() ?? '',
    lines,
    async [Symbol.asyncDispose]() {
      await eventing[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Sends an event in binary mode, as a stranger's client does. */
export function postEvent(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = '{"a":1}',
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      'ce-specversion': '1.0',
      'ce-id': '1',
      'ce-source': '/test',
      'ce-type': 'test.v1',
      'content-type': 'application/json',
      ...headers,
    },
    body,
  });
}
