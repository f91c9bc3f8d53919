import { describe, expect, it } from 'vitest';

import type { JobContext } from '../../../../events/jobs/job-context.ts';
import type { JobEvent } from '../../../../events/jobs/job-events.ts';
import type { ScoreChunk } from '../../../../events/jobs/run-chunk.ts';
import { partBody, writeLine } from '../../../../events/jobs/commit-part.ts';
import { readChunk } from '../../../../events/jobs/records/read-chunk.ts';
import { finishUploadJob } from '../../../../events/uploads/finish-upload-job.ts';
import { uploadJobId } from '../../../../events/uploads/upload.ts';
import type { Upload } from '../../../../events/uploads/upload.ts';
import {
  ForbiddenError,
  InferenceError,
  InvalidRequestError,
  ModelNotFoundError,
  ShuttingDownError,
} from '../../../../functions/runtime/errors.ts';
import type { ObjectStore } from '../../../../functions/runtime/object-store/object-store.ts';
import { scoreUpload } from '../../../../functions/scoring/score-upload.ts';
import type { UploadScoring } from '../../../../functions/scoring/score-upload.ts';
import { memoryStore } from '../../../support/memory-store.ts';

const MODEL = { name: 'iris', version: '1', digest: `sha256:${'a'.repeat(64)}` };
const { signal: NEVER } = new AbortController();

interface World {
  readonly store: ObjectStore;
  readonly published: JobEvent[];
  readonly scoring: UploadScoring;
  readonly pass: (seconds: number) => void;
  readonly upload: (body: string, key?: string) => Promise<Upload>;
  readonly textOf: (key: string) => Promise<string>;
}

/** Every line is a prediction, but those that say "bad". */
function scorer(store: ObjectStore): ScoreChunk {
  return async ({ spec, chunk }) => {
    const lines: string[] = [];
    for await (const records of readChunk(store, spec, chunk)) {
      for (const { range, offset, bytes } of records) {
        const head = { key: range.key, offset, id: null };
        const error = { code: 'INVALID_REQUEST', message: 'it is bad', retriable: false };
        const isBad = bytes?.toString() === 'bad';
        lines.push(writeLine(isBad ? { ...head, error } : { ...head, output: 1 }));
      }
    }
    const errorLines = lines.filter((line) => line.includes('"error"'));
    const err = errorLines.length;
    const ok = lines.length - err;
    return { body: partBody(lines), errorLines, ok, err, modelDigest: MODEL.digest };
  };
}

function world(score?: ScoreChunk): World {
  let nowMs = Date.UTC(2026, 0, 1);
  const store = memoryStore(() => nowMs);
  const published: JobEvent[] = [];
  let nonces = 0;
  const context: JobContext = {
    store,
    publish: async (event) => void published.push(event),
    nonce: () => String((nonces += 1)),
    now: () => nowMs,
    // Renewals never come: the tests let leases run out.
    wait: (_, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve());
      }),
    warn: () => {},
  };
  const scoring: UploadScoring = {
    context,
    tenant: 'test',
    model: MODEL,
    score: score ?? scorer(store),
    owner: 'worker',
    formatOf: () => 'jsonl',
    maxFileBytes: 1024,
  };
  return {
    store,
    published,
    scoring,
    pass: (seconds) => void (nowMs += seconds * 1000),
    async upload(body, key = 'in/iris/a.jsonl') {
      const { etag } = await store.put(key, body);
      return { tenant: 'test', bucket: store.bucket, key, size: body.length, etag };
    },
    async textOf(key) {
      return (await store.getBytes(key, { maxBytes: 100_000_000 })).bytes.toString();
    },
  };
}

describe('scoreUpload()', () => {
  it('puts predictions beside it, once, and says which are the latest', async () => {
    const { scoring, upload, textOf } = world();
    const one = await upload('first\nbad\nthird');

    expect(await scoreUpload(scoring, one, NEVER)).toBe('committed');
    const text = await textOf(`out/iris/a.jsonl/${one.etag}/predictions.jsonl`);
    expect(text.split('\n').map((line) => line.includes('output'))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(JSON.parse(await textOf('out/iris/a.jsonl/latest.json'))).toMatchObject({
      etag: one.etag,
      records: { ok: 2, err: 1 },
    });

    const broken = { ...scoring, score: () => Promise.reject(new Error('scored again')) };
    expect(await scoreUpload(broken, one, NEVER)).toBe('done');
  });

  it.each([
    ['bad', { code: 'INVALID_REQUEST', message: 'it is bad' }],
    [
      '\nbad\nbad\n',
      {
        code: 'INVALID_REQUEST',
        message: 'None of its 2 records could be scored. The first, at byte 1: it is bad',
      },
    ],
    ['', { code: 'INVALID_REQUEST', message: 'The object is empty: it has no records' }],
  ])('says of %j why nothing of it could be scored', async (body, error) => {
    const { scoring, upload, store, textOf } = world();
    const one = await upload(body);

    expect(await scoreUpload(scoring, one, NEVER)).toBe('committed');

    const home = `out/iris/a.jsonl/${one.etag}`;
    expect(JSON.parse(await textOf(`${home}/error.json`))).toEqual({ error });
    expect(await store.head(`${home}/predictions.jsonl`)).toBeUndefined();
    expect(await scoreUpload(scoring, one, NEVER)).toBe('done');
  });

  it('does nothing for an object that is another one by now, or gone', async () => {
    const { scoring, upload, store } = world();
    const one = await upload('first');
    for (const other of ['second', '']) {
      await upload(other);
      expect(await scoreUpload(scoring, one, NEVER)).toBe('moot');
    }
    await store.delete(one.key);
    expect(await scoreUpload(scoring, one, NEVER)).toBe('moot');
    expect(await Array.fromAsync(store.list({ prefix: 'out/' }))).toEqual([]);
  });

  it.each([
    [{ tenant: 'other' }, ForbiddenError],
    [{ bucket: 'data-other' }, ForbiddenError],
    [{ key: 'in/iris/../a' }, InvalidRequestError],
    [{ key: 'jobs/x/spec.json' }, InvalidRequestError],
    [{ key: 'in/text/a.jsonl' }, ModelNotFoundError],
  ])('refuses %o', async (change, error) => {
    const { scoring, upload } = world();
    const one = await upload('first');

    await expect(scoreUpload(scoring, { ...one, ...change }, NEVER)).rejects.toThrow(error);
  });

  it('is for one worker at a time, until its lease runs out', async () => {
    const { scoring, upload, store, pass } = world();
    const one = await upload('first');
    const begun = Promise.withResolvers<void>();
    const stuck: UploadScoring = {
      ...scoring,
      async score(work) {
        begun.resolve();
        return await new Promise((_, reject) => {
          work.signal.addEventListener('abort', () => reject(work.signal.reason as Error));
        });
      },
    };
    const leaving = new AbortController();
    const first = scoreUpload(stuck, one, leaving.signal);
    await begun.promise;

    expect(await scoreUpload(scoring, one, NEVER)).toBe('held');
    pass(122);
    expect(await scoreUpload(scoring, one, NEVER)).toBe('committed');

    leaving.abort();
    await expect(first).rejects.toThrow(ShuttingDownError);
    expect(await store.head(`out/iris/a.jsonl/${one.etag}/predictions.jsonl`)).toBeDefined();
  });

  it('gives it back when the process has to go, and is tried anew', async () => {
    const { scoring, upload } = world();
    const one = await upload('first');
    const leaving = new AbortController();
    const going: UploadScoring = {
      ...scoring,
      async score() {
        leaving.abort();
        throw new Error('cut off');
      },
    };

    await expect(scoreUpload(going, one, leaving.signal)).rejects.toThrow(ShuttingDownError);
    expect(await scoreUpload(scoring, one, NEVER)).toBe('committed');
  });

  it('gives up what failed four times, and says so', async () => {
    const { scoring, upload, textOf } = world(() => Promise.reject(new InferenceError('no')));
    const one = await upload('first');
    for (let time = 0; time < 4; time += 1) {
      await expect(scoreUpload(scoring, one, NEVER)).rejects.toThrow(InferenceError);
    }

    expect(await scoreUpload(scoring, one, NEVER)).toBe('committed');

    const text = await textOf(`out/iris/a.jsonl/${one.etag}/error.json`);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'CHUNK_FAILED' } });
  });

  it('makes a job of more than a chunk, the same however often, and brings its end home', async () => {
    const { scoring, upload, store, published } = world();
    const one = await upload(`${'x'.repeat(1023)}\n`.repeat(5000));
    const jobId = uploadJobId(one);

    expect(await scoreUpload(scoring, one, NEVER)).toBe('job');
    expect(await scoreUpload(scoring, one, NEVER)).toBe('job');

    expect(new Set(published.map(({ id }) => id))).toEqual(new Set([`${jobId}.submitted`]));
    expect(await store.head(`jobs/${jobId}/spec.json`)).toBeDefined();
    // It is not over: nothing is there yet.
    expect(await finishUploadJob(scoring.context, jobId)).toBe(false);
    expect(await Array.fromAsync(store.list({ prefix: 'out/' }))).toEqual([]);
  });
});

describe('finishUploadJob()', () => {
  const ended = async (result: object): Promise<World & { home: string; jobId: string }> => {
    const place = world();
    const { scoring, store, upload } = place;
    const one = await upload(`${'x'.repeat(1023)}\n`.repeat(5000));
    const jobId = uploadJobId(one);
    await scoreUpload(scoring, one, NEVER);
    const part = { chunk: 0, key: 'part-0', ok: 1, err: 1 };
    const good = writeLine({ key: one.key, offset: 0, id: null, output: 1 });
    const error = { code: 'INVALID_REQUEST', message: 'it is bad', retriable: false };
    const bad = writeLine({ key: one.key, offset: 9, id: null, error });
    const lines = 'ok' in result && result.ok === 0 ? [bad, bad] : [good, bad];
    const body = lines.map((line) => `${line}\n`).join('');
    const { etag } = await store.put('part-0', body);
    const parts = [{ ...part, etag, bytes: body.length }];
    const times = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:00Z' };
    const state = 'completed_with_errors';
    const whole = { jobId, state, chunks: 1, ok: 1, err: 1, parts, model: MODEL, ...times };
    await store.put(`jobs/${jobId}/result.json`, JSON.stringify({ ...whole, ...result }));
    return { ...place, jobId, home: `out/iris/a.jsonl/${one.etag}` };
  };

  it("puts the lines of all parts beside the upload, and leaves others' jobs alone", async () => {
    const { scoring, jobId, home, textOf } = await ended({});

    expect(await finishUploadJob(scoring.context, 'some-other-job')).toBe(true);
    expect(await finishUploadJob(scoring.context, jobId)).toBe(true);

    expect((await textOf(`${home}/predictions.jsonl`)).split('\n')).toHaveLength(3);
    expect(JSON.parse(await textOf('out/iris/a.jsonl/latest.json'))).toMatchObject({
      output: `${home}/predictions.jsonl`,
      records: { ok: 1, err: 1 },
    });
  });

  it.each([
    [{ ok: 0, err: 2 }, 'INVALID_REQUEST', /^None of its 2 records .* byte 9: it is bad$/],
    [
      { state: 'failed', reason: { code: 'PART_TOO_LARGE', message: 'huge' } },
      'PART_TOO_LARGE',
      /huge/,
    ],
    [{ state: 'cancelled' }, 'CHUNK_FAILED', /early/],
  ])('says why nothing came of it: %o', async (result, code, message) => {
    const { scoring, jobId, home, textOf } = await ended(result);

    expect(await finishUploadJob(scoring.context, jobId)).toBe(true);

    const { error } = JSON.parse(await textOf(`${home}/error.json`)) as {
      error: { code: string; message: string };
    };
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('says nothing of an object that was replaced before it was read', async () => {
    const reason = { code: 'INPUT_CHANGED', message: 'it changed' };
    const { scoring, jobId, store } = await ended({ state: 'failed', reason });

    expect(await finishUploadJob(scoring.context, jobId)).toBe(true);

    expect(await Array.fromAsync(store.list({ prefix: 'out/' }))).toEqual([]);
  });
});
