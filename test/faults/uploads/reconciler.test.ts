import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { publish } from '../../../events/publish.ts';
import { reconcile } from '../../../events/uploads/reconcile.ts';
import type { ReconcileContext } from '../../../events/uploads/reconcile.ts';
import type { Upload } from '../../../events/uploads/upload.ts';
import { startFaultPlace } from '../../support/jobs/fault-place.ts';
import type { FaultPlace } from '../../support/jobs/fault-place.ts';
import { outcomeOf, predictedLines, putUpload } from '../../support/jobs/fault-upload.ts';

const MINUTES = 60_000;
const FLOWER = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const FLOWERS = `${JSON.stringify(FLOWER)}\n${JSON.stringify(FLOWER)}\n`;

/** The reconciler leaves alone what is younger than a minute: only `npm run test:faults` waits for it. */
const isLong = process.env['FAULT_PROCESSES'] === '1';

const GOOD = [
  'in/iris/aaa.jsonl',
  'in/iris/deep/er/odd +%#?&.jsonl',
  'in/iris/花-🌸.jsonl',
  'in/iris/zzz.jsonl',
];
/** Scored, in that it is said why not. */
const BAD = { 'in/iris/empty.jsonl': '', 'in/iris/m/program.exe': 'MZ', 'in/iris/n.csv': 'a,a\n1' };
/** From these nothing comes; a store may not take all of them. */
const NONE = [
  'in/0-below-no-model.jsonl',
  'in/Iris/a.jsonl',
  'in/aaa-no-such-model/a.jsonl',
  'in/iris/folder/',
  'in/iris//a.jsonl',
  'in/iris/../a.jsonl',
  'in/iris/./a.jsonl',
  `in/iris/${'long/'.repeat(180)}a.jsonl`,
];

describe.each([
  { bucket: 'a bucket', isVersioned: false },
  { bucket: 'a bucket that keeps versions', isVersioned: true },
])('uploads to $bucket of which nobody was told', ({ isVersioned }) => {
  let place: FaultPlace;
  beforeAll(async () => {
    place = await startFaultPlace({ isVersioned });
  }, 2 * MINUTES);
  afterAll(async () => {
    await place?.[Symbol.asyncDispose]();
  });

  it('are found and scored, whatever lies beside them', { timeout: 5 * MINUTES }, async () => {
    for (const key of NONE) await place.store.put(key, FLOWERS).catch(() => {});
    const good: Upload[] = [];
    for (const key of GOOD) good.push(await putUpload(place, key, FLOWERS));
    const bad: Upload[] = [];
    for (const [key, body] of Object.entries(BAD)) bad.push(await putUpload(place, key, body));

    await untilOver(place, [...good, ...bad]);

    for (const upload of good) {
      const outcome = await outcomeOf(place, upload);
      expect([upload.key, outcome?.names]).toEqual([
        upload.key,
        ['latest.json', 'predictions.jsonl'],
      ]);
      expect(outcome?.output).toContain(upload.versionId ?? upload.etag);
      expect(outcome && predictedLines(outcome)).toMatchObject([
        { key: upload.key, output: { prediction: 'setosa' } },
        { key: upload.key, output: { prediction: 'setosa' } },
      ]);
    }
    for (const upload of bad) {
      const outcome = await outcomeOf(place, upload);
      expect([upload.key, outcome?.names]).toEqual([upload.key, ['error.json', 'latest.json']]);
    }
    const outputs = await Array.fromAsync(place.store.list({ prefix: 'out/' }), ({ key }) => key);
    expect(outputs).toHaveLength(2 * (good.length + bad.length));
    // What is done is not asked for again.
    expect(await reconcile(contextOf(place))).toBe(0);
  });
});

/** As a tick finds them: at once with a clock that is a minute fast, else by the function `batch`. */
async function untilOver(place: FaultPlace, uploads: readonly Upload[]): Promise<void> {
  const signal = AbortSignal.timeout(4 * MINUTES);
  if (!isLong) expect(await reconcile(contextOf(place))).toBe(uploads.length);
  const missing = async (): Promise<string[]> => {
    if (isLong) await place.tick(signal).catch(() => {});
    const keys = await Promise.all(
      uploads.map(async (upload) =>
        (await outcomeOf(place, upload)) === undefined ? [upload.key] : [],
      ),
    );
    return keys.flat();
  };
  await expect
    .poll(missing, { timeout: 4 * MINUTES, interval: 1000, message: place.output() })
    .toEqual([]);
}

function contextOf({ store, tenant, broker }: FaultPlace): ReconcileContext {
  return {
    store,
    tenant,
    hasModel: async (name) => name === 'iris',
    publish: (event) => publish(event, { url: broker }),
    nonce: () => crypto.randomUUID(),
    now: () => Date.now() + MINUTES + 1000,
    wait: async () => {},
    warn: () => {},
  };
}
