import { setImmediate as nextTurn } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import type { PartLine } from '../../../../events/jobs/part-line.ts';
import type { JobSpec } from '../../../../events/jobs/job-spec.ts';
import type { Span } from '../../../../events/jobs/lease.ts';
import type { ChunkWork } from '../../../../events/jobs/run-chunk.ts';
import type { AnyModelDefinition } from '../../../../functions/define-model.ts';
import { iris } from '../../../../functions/iris/index.ts';
import { loadConfig } from '../../../../functions/runtime/config.ts';
import type { ObjectStore } from '../../../../functions/runtime/object-store/object-store.ts';
import { chunkScorer } from '../../../../functions/scoring/score-chunk.ts';
import type { ModelService } from '../../../../functions/serving/service.ts';
import { SessionLostError } from '../../../../models/loader/loaded-model.ts';
import { engineOf } from '../../../support/engine-fixture.ts';
import { fakeModel } from '../../../support/fake-model.ts';
import type { FakeModelOptions } from '../../../support/fake-model.ts';
import { testSpec } from '../../../support/jobs/test-job.ts';
import { memoryStore } from '../../../support/memory-store.ts';
import { tally } from '../../../support/tally-model.ts';

interface Case {
  readonly definition?: AnyModelDefinition;
  readonly model?: FakeModelOptions;
  readonly spec?: Record<string, unknown>;
  readonly columns?: string[];
  readonly key?: string;
  readonly careful?: ChunkWork['careful'];
}

interface Made {
  readonly lines: PartLine[];
  readonly ok: number;
  readonly err: number;
  readonly errorLines: number;
  readonly modelDigest: string;
}

function serviceOf(definition: AnyModelDefinition, options: FakeModelOptions): ModelService {
  const config = loadConfig(
    { FUNCTION_TARGET: 'iris', MODEL_URI: 'file:models/iris' },
    { iris: 'model' },
  );
  const model = fakeModel(options);
  return { definition, model, engine: engineOf(options), config, takeColdStart: () => undefined };
}

async function score(content: string | Buffer, one: Case = {}): Promise<Made> {
  const { definition = tally, model = {}, columns, key = 'in/a', careful } = one;
  const store: ObjectStore = memoryStore(() => 1_000_000);
  const { etag } = await store.put(key, content);
  const spec: JobSpec = testSpec({ split: { miniBatch: 4 }, ...one.spec });
  const sizeBytes = Buffer.byteLength(content);
  const range = { key, etag, sizeBytes, start: 0, end: sizeBytes };
  const ranges = [{ ...range, ...(columns === undefined ? {} : { columns }) }];
  const scorer = chunkScorer({
    store,
    use: async () => ({ service: serviceOf(definition, model), done: () => {} }),
    timeoutMs: 1_000_000,
  });
  const { signal } = new AbortController();
  const made = await scorer({ spec, chunk: { chunk: 0, ranges }, signal, careful });
  const body = made.body.toString();
  expect(body.endsWith('\n')).toBe(true);
  const lines = body.split('\n').slice(0, -1);
  expect(made.errorLines).toEqual(lines.filter((text) => text.includes('"error":{"code"')));
  return {
    ...made,
    lines: lines.map((text) => JSON.parse(text) as PartLine),
    errorLines: made.errorLines.length,
  };
}

const encode = (...numbers: number[]): string => Buffer.from(numbers).toString('base64');
const line = (n: number, more: object = {}): string => JSON.stringify({ data: encode(n), ...more });

describe('chunkScorer()', () => {
  it('makes one line of each record, in their order, with its id', async () => {
    const text = Array.from({ length: 50 }, (_, n) =>
      line(n === 13 ? 99 : n, { custom_id: `r${n}` }),
    );

    const { lines, ok, err, modelDigest } = await score(text.join('\n'));

    expect(lines.map(({ id }) => id)).toEqual(text.map((_, n) => `r${n}`));
    expect(lines.map(({ output }) => (output as { total: number }).total)).toEqual(
      text.map((_, n) => (n === 13 ? 198 : n * 2)),
    );
    expect(lines[1]).toEqual({
      key: 'in/a',
      offset: Buffer.byteLength(text[0] ?? '') + 1,
      id: 'r1',
      output: { total: 2, length: 1, notes: [] },
    });
    expect([ok, err, modelDigest]).toEqual([50, 0, `sha256:${'0'.repeat(64)}`]);
  });

  it('gives the records at fault an error, and only them', async () => {
    const text = [
      line(1),
      'no json',
      line(13),
      line(2),
      '{"data":1}',
      line(3, { extra: true }),
      line(4, { custom_id: 5 }),
      '"text"',
      line(5),
    ];

    const { lines, ok, err, errorLines } = await score(text.join('\n'));

    expect(lines.map(({ error }) => error?.code)).toEqual([
      undefined,
      'INVALID_REQUEST',
      'INVALID_REQUEST',
      undefined,
      'INVALID_REQUEST',
      'INVALID_REQUEST',
      'INVALID_REQUEST',
      'INVALID_REQUEST',
      undefined,
    ]);
    expect([ok, err, errorLines]).toEqual([3, 6, 6]);
    expect(lines[2]?.error).toMatchObject({ message: '13 is no sum', retriable: false });
  });

  it('finds the one record on which the model fails', async () => {
    const run: FakeModelOptions['run'] = async (inputs) => {
      const { data } = inputs['x'] ?? { data: [] };
      if (Array.from(data as ArrayLike<number>).includes(7)) throw new Error('Seven!');
      return { y: { ...(inputs['x'] as NonNullable<(typeof inputs)['x']>) } };
    };
    const text = Array.from({ length: 10 }, (_, n) => line(n));

    const { lines } = await score(text.join('\n'), { model: { run } });

    expect(lines.flatMap(({ error }, n) => (error === undefined ? [] : [n]))).toEqual([7]);
  });

  const endingAt = (
    ...poison: readonly number[]
  ): { runs: number[][]; model: FakeModelOptions } => {
    const runs: number[][] = [];
    const run: FakeModelOptions['run'] = async (inputs) => {
      const { x } = inputs;
      if (x === undefined) throw new Error('There is no x');
      const data = Array.from(x.data as ArrayLike<number>);
      runs.push(data);
      if (data.some((n) => poison.includes(n))) throw new SessionLostError('ended by SIGFPE');
      return { y: x };
    };
    return { runs, model: { run } };
  };

  it('finds the records that end a process of the model, and says so of them alone', async () => {
    const { model } = endingAt(3, 7);
    const text = Array.from({ length: 10 }, (_, n) => line(n, { custom_id: `r${n}` }));

    const { lines, ok, err } = await score(text.join('\n'), { model });

    expect([ok, err]).toEqual([8, 2]);
    expect(lines.map(({ id }) => id)).toEqual(text.map((_, n) => `r${n}`));
    expect(
      lines.flatMap(({ error }, n) => (error === undefined ? [] : [[n, error]])),
    ).toMatchObject([3, 7].map((n) => [n, { code: 'CRASHED_WORKER', retriable: false }]));
  });

  it('scores a record again whose process somebody else has ended', async () => {
    const { model, runs } = endingAt();
    const { run = async () => ({}) } = model;
    const once: FakeModelOptions['run'] = async (inputs) => {
      const outputs = await run(inputs);
      if (runs.length === 1) throw new SessionLostError('killed');
      return outputs;
    };

    const { lines } = await score(line(3), { model: { run: once } });

    expect(lines).toMatchObject([{ output: { total: 3 } }]);
    expect(runs).toHaveLength(2);
  });

  it('fails as a whole when too many records end processes: it is not a matter of records', async () => {
    const { model } = endingAt(1);
    const text = (records: number): string =>
      Array.from({ length: records }, () => line(1)).join('\n');

    expect(await score(text(16), { model })).toMatchObject({ ok: 0, err: 16 });
    await expect(score(text(17), { model })).rejects.toMatchObject({ code: 'INFERENCE_FAILED' });
  });

  it('fails as a whole when the model itself does', async () => {
    const model: FakeModelOptions = {
      run: async () => {
        throw new Error('broken');
      },
      proveGolden: async () => {
        throw new Error('broken');
      },
    };

    await expect(score(line(1), { model })).rejects.toMatchObject({ code: 'INFERENCE_FAILED' });
  });

  it('repeats the record where a job asks for it', async () => {
    const { lines } = await score(line(1, { custom_id: 'a' }), {
      spec: { output: { includeInput: true } },
    });

    expect(lines[0]).toMatchObject({ id: 'a', input: { data: encode(1) } });
  });

  it('reads rows by the names of their columns, numbers as numbers', async () => {
    const seen: unknown[] = [];
    const definition = {
      ...iris,
      preprocess(instances: readonly unknown[]) {
        seen.push(...instances);
        const data = new Float32Array(instances.length);
        return { x: { datatype: 'FP32', shape: [instances.length, 1], data } } as const;
      },
      postprocess: (_: unknown, instances: readonly unknown[]) => instances.map(() => ({})),
    } as AnyModelDefinition;
    const rows = ['1,2,3,4,a', '1,2,,4,b', '1,2,x,4,c', '1,2,3', '"1","2","3","4","d ""e"""'];

    const { lines } = await score(rows.join('\r\n'), {
      definition,
      columns: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width', 'custom_id'],
      spec: { inputs: { format: 'csv', prefix: 'in/' } },
    });

    expect(seen[0]).toEqual({ sepal_length: 1, sepal_width: 2, petal_length: 3, petal_width: 4 });
    expect(lines.map(({ id, error }) => [id, error?.code])).toEqual([
      ['a', undefined],
      ['b', 'INVALID_REQUEST'],
      ['c', 'INVALID_REQUEST'],
      [null, 'INVALID_REQUEST'],
      ['d "e"', undefined],
    ]);
  });

  it('waits where its own batches fill the queue of the model', async () => {
    const run: FakeModelOptions['run'] = async (inputs) => {
      // Long enough for the other batches to be ready.
      for (let turn = 0; turn < 10; turn += 1) await nextTurn();
      return { y: inputs['x'] as NonNullable<(typeof inputs)['x']> };
    };
    const text = Array.from({ length: 3000 }, () => line(3));

    const spec = { split: { miniBatch: 600 } };
    const { ok } = await score(text.join('\n'), { spec, model: { run } });

    // Three batches at once: one runs, and of the 1,200 rows of the others 1,000 may wait.
    expect(ok).toBe(3000);
  });

  it('puts small records together in larger numbers than asked for, as many as the model takes', async () => {
    const sizes: number[] = [];
    const run: FakeModelOptions['run'] = async (inputs) => {
      const x = inputs['x'] as NonNullable<(typeof inputs)['x']>;
      sizes.push(x.shape[0] ?? 0);
      return { y: x };
    };
    const text = Array.from({ length: 100 }, () => line(3));

    const { lines } = await score(text.join('\n'), { model: { run, maxRows: 32 } });

    expect(sizes).toEqual([32, 32, 32, 4]);
    expect(lines).toHaveLength(100);
  });

  it.each([
    { key: 'in/a.PNG', content: Buffer.from([1, 2]), code: undefined },
    { key: 'in/a.json', content: line(3), code: undefined },
    { key: 'in/a.wav', content: Buffer.from([1]), code: 'UNSUPPORTED_MEDIA_TYPE' },
    { key: 'in/a', content: Buffer.from([1]), code: 'UNSUPPORTED_MEDIA_TYPE' },
    { key: 'in/a.png', content: Buffer.alloc(0), code: 'INVALID_REQUEST' },
  ])('reads the file $key by its suffix: error $code', async ({ key, content, code }) => {
    const spec = { inputs: { format: 'files', prefix: 'in/' } };

    const { lines } = await score(content, { key, spec });

    expect(lines.map(({ error }) => error?.code)).toEqual([code]);
  });

  it('gives files that only an endpoint reads to it, and its answer as its JSON says it', async () => {
    const definition: AnyModelDefinition = {
      ...tally,
      endpoints: [
        {
          path: '/test',
          description: 'Adds up a recording',
          request: z.strictObject({ file: z.instanceof(Buffer) }),
          response: z.object({ samples: z.array(z.number()) }),
          options: z.object({ factor: z.number().default(2) }),
          forms: [{ mediaTypes: ['audio/wav'], read: ({ body }) => ({ file: body }) }],
          predict: async ({ file }: { file: Buffer }, { options }) => ({
            samples: Float32Array.from(
              file,
              (byte) => byte * (options as { factor: number }).factor,
            ),
          }),
          produces: {
            'application/json': ({ samples }: { samples: Float32Array }) =>
              JSON.stringify({ samples: Array.from(samples) }),
          },
        },
      ],
    };
    const spec = { inputs: { format: 'files', prefix: 'in/' } };

    const { lines } = await score(Buffer.from([1, 2, 3]), { definition, key: 'in/a.wav', spec });

    expect(lines).toMatchObject([{ key: 'in/a.wav', output: { samples: [2, 4, 6] } }]);
  });

  it('says before what it scores when it is to be careful, and leaves out what killed others', async () => {
    const probes: Span[] = [];
    const careful = {
      suspects: [{ from: 4, to: 8 }],
      crashed: [5],
      probe: async (span: Span) => void probes.push(span),
    };
    const text = Array.from({ length: 10 }, (_, n) => line(n));

    const { lines } = await score(text.join('\n'), { careful });

    expect(probes.map(({ from, to }) => `${from}-${to}`)).toEqual([
      '0-4',
      '4-5',
      '6-7',
      '7-8',
      '8-10',
    ]);
    expect(lines.map(({ error }) => error?.code).indexOf('CRASHED_WORKER')).toBe(5);
    expect(lines).toHaveLength(10);
  });
});
