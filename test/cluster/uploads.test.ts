import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import { Kubectl } from '../../scripts/deploy/kubectl.ts';
import { openDataBucket } from './support/data-bucket.ts';
import { deployDev, podsOf, untilNoPods } from './support/deployed.ts';

const sample = readFileSync(join(import.meta.dirname, '../../functions/batch/sample.jsonl'));
const POLL = { timeout: 240_000, interval: 500 };

describe.skipIf(process.env['KUBECONFIG'] === undefined)('an upload on a real cluster', () => {
  const kubectl = new Kubectl('pilotlight-dev');
  const opened = new AsyncDisposableStack();
  let store: ObjectStore;

  beforeAll(async () => {
    await deployDev();
    store = opened.use(await openDataBucket(kubectl, 'data-dev')).store;
  });
  afterAll(() => opened.disposeAsync());

  it('gives predictions beside it, from no pods', async () => {
    const path = `iris/cluster test+${randomBytes(4).toString('hex')}.jsonl`;
    const latest = `out/${path}/latest.json`;
    for (const service of ['uploads', 'iris-batch']) {
      await untilNoPods(kubectl, service);
      expect(await podsOf(kubectl, service)).toEqual([]);
    }

    const startMs = performance.now();
    await store.put(`in/${path}`, sample);

    await expect.poll(() => store.head(latest), POLL).toBeDefined();
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    process.stdout.write(`upload to latest.json, from no pods: ${seconds} s\n`);
    const named = JSON.parse(await textOf(latest)) as { output: string };
    expect(named).toMatchObject({ key: `in/${path}`, records: { ok: 2, err: 1 } });
    const lines = (await textOf(named.output)).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { id: 'a', output: { prediction: 'setosa' } },
      { id: 'b', output: { prediction: 'virginica' } },
      { id: 'c', error: { code: 'INVALID_REQUEST' } },
    ]);
    await store.delete(`in/${path}`);
  });

  async function textOf(key: string): Promise<string> {
    return (await store.getBytes(key, { maxBytes: 65_536 })).bytes.toString();
  }
});
