import { describe, expect, it } from 'vitest';

import { planJob } from '../../../../../events/jobs/plan/plan-job.ts';
import { readPlannedChunk } from '../../../../../events/jobs/read-job.ts';
import { readChunk } from '../../../../../events/jobs/records/read-chunk.ts';
import type { ChunkRecord } from '../../../../../events/jobs/records/read-chunk.ts';
import type { JobContext } from '../../../../../events/jobs/job-context.ts';
import type { JobEvent } from '../../../../../events/jobs/job-events.ts';
import type { JobSpec } from '../../../../../events/jobs/job-spec.ts';
import { testSpec } from '../../../../support/jobs/test-job.ts';
import { memoryStore } from '../../../../support/memory-store.ts';

interface Bench {
  readonly context: JobContext;
  readonly events: JobEvent[];
}

function bench(): Bench {
  const events: JobEvent[] = [];
  const context: JobContext = {
    store: memoryStore(() => 1_000_000),
    publish: async (event) => void events.push(event),
    nonce: () => 'nonce',
    now: () => 1_000_000,
    wait: async () => {},
    warn: () => {},
  };
  return { context, events };
}

async function recordsOf({ context }: Bench, spec: JobSpec): Promise<ChunkRecord[][]> {
  const plan = await planJob(context, spec);
  const chunks: ChunkRecord[][] = [];
  for (let chunk = 0; chunk < plan.chunks; chunk += 1) {
    const planned = await readPlannedChunk(context.store, spec.jobId, plan, chunk);
    if (planned === undefined) throw new Error(`no chunk ${chunk}`);
    chunks.push((await Array.fromAsync(readChunk(context.store, spec, planned))).flat());
  }
  return chunks;
}

const KIB = 1024;
const SPLIT = { chunkBytes: 64 * KIB };
const texts = (chunks: ChunkRecord[][]): (string | undefined)[] =>
  chunks.flat().map(({ bytes }) => bytes?.toString());

describe('planJob()', () => {
  it('cuts lines by bytes, and each is in exactly one chunk', async () => {
    const one = bench();
    const lines = Array.from(
      { length: 3000 },
      (_, n) => `{"n":${n},"pad":"${'x'.repeat(n % 97)}"}`,
    );
    await one.context.store.put('in/a.jsonl', lines.join('\r\n'));
    const spec = testSpec({ split: SPLIT });

    const chunks = await recordsOf(one, spec);

    expect(chunks.length).toBeGreaterThan(2);
    expect(texts(chunks)).toEqual(lines);
  });

  it('puts small objects together and leaves empty ones, folders and outputs out', async () => {
    const one = bench();
    const { store } = one.context;
    await store.put('in/', '');
    await store.put('in/a.jsonl', '{"n":1}\n');
    await store.put('in/b.jsonl', '');
    await store.put('in/c.jsonl', '{"n":2}');
    await store.put('in/d.txt', 'no');
    const spec = testSpec({ inputs: { format: 'jsonl', prefix: 'in/', suffix: '.jsonl' } });

    const chunks = await recordsOf(one, spec);

    expect(chunks.map((chunk) => chunk.map(({ range, offset }) => [range.key, offset]))).toEqual([
      [
        ['in/a.jsonl', 0],
        ['in/c.jsonl', 0],
      ],
    ]);
  });

  it.each([true, false])(
    'cuts a CSV with a header, quoted line ends %s',
    async (quotedNewlines) => {
      const one = bench();
      const note = quotedNewlines ? '"two\nlines, ""quoted"""' : '"a, b"';
      const rows = Array.from({ length: 3000 }, (_, n) => `${n},${note},${'x'.repeat(n % 50)}`);
      await one.context.store.put('in/a.csv', `\ufeffn,note,pad\r\n${rows.join('\r\n')}\r\n`);
      const spec = testSpec({
        split: SPLIT,
        inputs: { format: 'csv', prefix: 'in/', csv: { quotedNewlines } },
      });

      const chunks = await recordsOf(one, spec);

      expect(chunks.length).toBeGreaterThan(1);
      expect(texts(chunks)).toEqual(rows);
      expect(chunks.at(-1)?.[0]?.range.columns).toEqual(['n', 'note', 'pad']);
    },
  );

  it('takes whole files, so many at a time, and says which is too large', async () => {
    const one = bench();
    for (const name of ['a', 'b', 'c']) await one.context.store.put(`in/${name}.bin`, name);
    await one.context.store.put('in/d.bin', 'x'.repeat(2 * KIB));
    const spec = testSpec({
      inputs: { format: 'files', prefix: 'in/' },
      split: { filesPerChunk: 3, maxRecordBytes: KIB },
    });

    const chunks = await recordsOf(one, spec);

    expect(chunks.map((chunk) => chunk.length)).toEqual([3, 1]);
    expect(texts(chunks)).toEqual(['a', 'b', 'c', undefined]);
    expect(chunks[1]?.[0]?.problem).toBe('RECORD_TOO_LARGE');
  });

  it('reads what a manifest names, in its order', async () => {
    const one = bench();
    const { store } = one.context;
    const { etag } = await store.put('in/a.jsonl', '{"n":1}\n');
    await store.put('in/b.jsonl', '{"n":2}\n');
    const manifest = `{"key":"in/b.jsonl"}\n\n${JSON.stringify({ key: 'in/a.jsonl', etag })}`;
    await store.put('lists/1.jsonl', manifest);
    const inputs = { format: 'jsonl', manifest: { key: 'lists/1.jsonl' } };

    expect(texts(await recordsOf(one, testSpec({ inputs })))).toEqual(['{"n":2}', '{"n":1}']);
  });

  it('has pages of 500 chunks and asks for the first chunk of each lane', async () => {
    const one = bench();
    for (let n = 0; n < 1001; n += 1) await one.context.store.put(`in/${n}`, 'x');
    const spec = testSpec({
      inputs: { format: 'files', prefix: 'in/' },
      split: { filesPerChunk: 1 },
      limits: { maxConcurrency: 3 },
    });

    const plan = await planJob(one.context, spec);
    const again = await planJob(one.context, spec);

    expect(plan).toMatchObject({ chunks: 1001, pages: 3, inputs: 1001, bytes: 1001 });
    expect(again).toEqual(plan);
    expect(one.events.map(({ data }) => data['chunk'])).toEqual([0, 1, 2]);
    const last = await readPlannedChunk(one.context.store, spec.jobId, plan, 1000);
    expect(last?.ranges[0]?.key).toBe('in/999');
    expect(await readPlannedChunk(one.context.store, spec.jobId, plan, 1001)).toBeUndefined();
  });

  it.each([
    { why: 'nothing matches', inputs: { prefix: 'none/' }, code: 'NO_INPUTS' },
    { why: 'a key is missing', inputs: { keys: ['in/a', 'in/z'] }, code: 'INPUT_NOT_FOUND' },
    { why: 'the manifest is missing', inputs: { manifest: { key: 'm' } }, code: 'INPUT_NOT_FOUND' },
    {
      why: 'the manifest is no list',
      inputs: { manifest: { key: 'in/a' } },
      code: 'MANIFEST_INVALID',
    },
    {
      why: 'the manifest is another',
      inputs: { manifest: { key: 'in/a', etag: 'x' } },
      code: 'INPUT_CHANGED',
    },
    { why: 'an object is another', inputs: { manifest: { key: 'list' } }, code: 'INPUT_CHANGED' },
    { why: 'lines are compressed', inputs: { prefix: 'gz/' }, code: 'INPUT_UNSUPPORTED' },
    {
      why: 'two columns have one name',
      inputs: { format: 'csv', keys: ['twice.csv'] },
      code: 'INPUT_UNSUPPORTED',
    },
  ])('fails when $why', async ({ inputs, code }) => {
    const one = bench();
    const { store } = one.context;
    await store.put('in/a', 'text');
    await store.put('gz/a.jsonl.gz', 'packed');
    await store.put('twice.csv', 'a,b,a\n1,2,3\n');
    await store.put('list', '{"key":"in/a","etag":"other"}\n');
    const spec = testSpec({ inputs: { format: 'jsonl', ...inputs } });

    await expect(planJob(one.context, spec)).rejects.toMatchObject({ name: 'PlanError', code });
  });
});
