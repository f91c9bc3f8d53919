/** A program: the local broker by itself, with one trigger. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { LocalEventing } from '../../../knative/local/broker/local-eventing.ts';
import { brokerWith, triggerTo } from '../../support/local-eventing.ts';
import { serveHelper } from './helper.ts';

serveHelper<{ readonly receiver: string }>(async ({ receiver }) => {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-bench-broker-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const eventing = await LocalEventing.open({ dir, router: receiver, log: () => {} });
  const filters = [{ attributes: { type: 'dev.pilotlight.bench.v1' } }];
  await eventing.apply(brokerWith(triggerTo(receiver, { filters })));
  return async () => eventing.brokerUrl();
});
