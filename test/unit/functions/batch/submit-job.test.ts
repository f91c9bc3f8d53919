import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import type { JobEvent } from '../../../../events/jobs/job-events.ts';
import { submitJob } from '../../../../functions/batch/submit-job.ts';
import type { SubmitContext } from '../../../../functions/batch/submit-job.ts';
import type { ObjectStore } from '../../../../functions/runtime/object-store/object-store.ts';
import { memoryStore } from '../../../support/memory-store.ts';

interface Desk {
  readonly store: ObjectStore;
  readonly models: ObjectStore;
  readonly published: JobEvent[];
  submit(body: unknown): ReturnType<typeof submitJob>;
}

/** A tenant `test` with one input, and iris in the versions 1 and 2, shared. */
async function desk(): Promise<Desk> {
  const store = memoryStore(() => 1_000_000);
  const models = memoryStore(() => 1_000_000);
  for (const version of [1, 2]) {
    await models.put(`_shared/iris/${version}/model.json`, manifest(version));
  }
  await store.put('in/a.jsonl', '{}\n');
  const published: JobEvent[] = [];
  const context: SubmitContext = {
    tenant: 'test',
    store,
    models,
    publish: async (event) => void published.push(event as JobEvent),
    nonce: () => crypto.randomUUID(),
    now: () => 1_000_000,
    wait: async () => {},
    warn: () => {},
  };
  return { store, models, published, submit: (body) => submitJob(context, body) };
}

const manifest = (version: number): string => JSON.stringify({ name: 'iris', version });
const digestOf = (version: number): string =>
  `sha256:${createHash('sha256').update(manifest(version)).digest('hex')}`;
const JOB = { model: { name: 'iris' }, inputs: { format: 'jsonl', prefix: 'in/' } };

describe('submitJob()', () => {
  it('pins the newest version and what its manifest is', async () => {
    const one = await desk();

    const { spec, isNew } = await one.submit(JOB);

    expect(isNew).toBe(true);
    expect(spec).toMatchObject({
      tenant: 'test',
      model: { name: 'iris', version: '2', digest: digestOf(2) },
      inputs: { bucket: 'data-test', prefix: 'in/' },
      split: { chunkBytes: 4_194_304, maxRecordBytes: 1_048_576 },
      limits: { maxAttempts: 4, leaseSeconds: 120 },
      output: { bucket: 'data-test', format: 'jsonl' },
    });
    expect(one.published.map(({ id }) => id)).toEqual([`${spec.jobId}.submitted`]);
  });

  it('takes the tenant’s own model before the shared one', async () => {
    const one = await desk();
    await one.models.put('test/iris/7/model.json', manifest(7));

    expect((await one.submit(JOB)).spec.model).toMatchObject({ version: '7' });
  });

  it('gives the same content over the same objects the same id, other objects another', async () => {
    const one = await desk();

    const first = await one.submit(JOB);
    const again = await one.submit(JOB);
    await one.store.put('in/b.jsonl', '{}\n');
    const other = await one.submit(JOB);

    expect([again.isNew, again.spec.jobId]).toEqual([false, first.spec.jobId]);
    expect([other.isNew, other.spec.jobId === first.spec.jobId]).toEqual([true, false]);
  });

  it('sent again under its own id is the same job, whatever became of model and inputs', async () => {
    const one = await desk();
    const body = { ...JOB, jobId: 'nightly-1' };
    await one.submit(body);
    await one.models.put('_shared/iris/3/model.json', manifest(3));
    await one.store.delete('in/a.jsonl');

    const again = await one.submit(body);

    expect([again.isNew, again.spec.model.version]).toEqual([false, '2']);
  });

  it.each<[string, unknown, string]>([
    ['no object', [], 'INVALID_REQUEST'],
    ['unknown keys', { ...JOB, priority: 1 }, 'INVALID_REQUEST'],
    ['no inputs', { model: { name: 'iris' }, inputs: { format: 'jsonl' } }, 'INVALID_REQUEST'],
    [
      'two kinds of inputs',
      { ...JOB, inputs: { format: 'jsonl', prefix: 'in/', keys: ['in/a.jsonl'] } },
      'INVALID_REQUEST',
    ],
    [
      'an address',
      { ...JOB, inputs: { format: 'jsonl', keys: ['https://example.com/a.jsonl'] } },
      'INVALID_REQUEST',
    ],
    ['nothing there', { ...JOB, inputs: { format: 'jsonl', prefix: 'no/' } }, 'INVALID_REQUEST'],
    ['a short lease', { ...JOB, limits: { leaseSeconds: 14 } }, 'INVALID_REQUEST'],
    ['an id of the layout', { ...JOB, jobId: '_active/x' }, 'INVALID_REQUEST'],
    ['CSV as output', { ...JOB, output: { format: 'csv' } }, 'INVALID_REQUEST'],
    ['another tenant', { ...JOB, tenant: 'other' }, 'FORBIDDEN'],
    ['another bucket', { ...JOB, inputs: { ...JOB.inputs, bucket: 'data-other' } }, 'FORBIDDEN'],
    ['another bucket for output', { ...JOB, output: { bucket: 'data-other' } }, 'FORBIDDEN'],
    ['no such model', { ...JOB, model: { name: 'rose' } }, 'MODEL_NOT_FOUND'],
    ['no such version', { ...JOB, model: { name: 'iris', version: '9' } }, 'MODEL_NOT_FOUND'],
    [
      'another digest',
      { ...JOB, model: { name: 'iris', digest: `sha256:${'0'.repeat(64)}` } },
      'MODEL_NOT_FOUND',
    ],
  ])('refuses %s', async (_, body, code) => {
    const one = await desk();

    await expect(one.submit(body)).rejects.toMatchObject({ code });
    expect(await Array.fromAsync(one.store.list({ prefix: 'jobs/' }))).toEqual([]);
  });

  it('refuses another job under the same id', async () => {
    const one = await desk();
    await one.submit({ ...JOB, jobId: 'nightly-1' });

    const other = one.submit({ ...JOB, jobId: 'nightly-1', split: { miniBatch: 1 } });

    await expect(other).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
