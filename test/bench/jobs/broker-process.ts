/** A program: the local broker by itself, with one trigger. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { LocalEventing } from '../../../knative/local/broker/local-eventing.ts';

import { serveHelper } from './helper.ts';

serveHelper<{ readonly receiver: string }>(async ({ receiver }) => {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-bench-broker-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const eventing = await LocalEventing.open({ dir, router: receiver, log: () => {} });
  await eventing.apply({
    brokers: [{ namespace: 'bench', name: 'default' }],
    triggers: [
      {
        namespace: 'bench',
        name: 'bench',
        broker: 'default',
        filters: [{ attributes: { type: 'dev.pilotlight.bench.v1' } }],
        subscriber: { kind: 'address', url: receiver },
        delivery: {
          retry: 0,
          backoffPolicy: 'exponential',
          backoffDelayMs: 200,
          timeoutMs: 60_000,
          retryAfterMaxMs: undefined,
          deadLetterSink: undefined,
          format: 'binary',
        },
      },
    ],
    pings: [],
  });
  return async () => eventing.brokerUrl();
});
