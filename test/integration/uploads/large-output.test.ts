import { createHash } from 'node:crypto';

import { expect, it, onTestFinished } from 'vitest';
import type { TestContext } from 'vitest';

import type { JobContext } from '../../../events/jobs/job-context.ts';
import { jobLayout } from '../../../events/jobs/layout.ts';
import type { JobResult } from '../../../events/jobs/result-schema.ts';
import { finishUploadJob } from '../../../events/uploads/finish-upload-job.ts';
import { uploadJobLayout, uploadLayout } from '../../../events/uploads/layout.ts';
import { uploadJobId } from '../../../events/uploads/upload.ts';
import type { Upload } from '../../../events/uploads/upload.ts';
import { createBucket } from '../../../functions/runtime/object-store/create-bucket.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { startLocalS3 } from '../../support/local-s3.ts';
import { minioBinary, NO_MINIO, startMinio } from '../../support/minio.ts';

const BUCKET = 'data-test';
const PARTS = 12;
/** Of the output of one chunk: together they are more than fits into one PUT out of memory. */
const PART_BYTES = 13 * 1024 * 1024;
const MODEL = { name: 'iris', version: '1', digest: `sha256:${'a'.repeat(64)}` };

it.for([
  { target: 'the local stand-in', start: startLocalS3, isThere: true },
  { target: 'MinIO', start: startMinio, isThere: minioBinary() !== undefined },
])(
  'what a job has made of an upload is put beside it, however large, on $target',
  { timeout: 120_000 },
  async ({ start, isThere }, context: TestContext) => {
    if (!isThere) context.skip(NO_MINIO);
    const s3 = await start();
    const settings = { ...s3.settings, AWS_SESSION_TOKEN: undefined };
    await createBucket(settings, BUCKET);
    const store = openObjectStore(settings, BUCKET);
    onTestFinished(async () => {
      store.close();
      await s3.stop();
    });
    const key = 'in/iris/large.jsonl';
    const { etag } = await store.put(key, 'what it was made of does not matter');
    const upload: Upload = { tenant: 'test', bucket: BUCKET, key, size: 1, etag };
    const { jobId, sha256 } = await putEndedJob(store, upload);

    await finishUploadJob({ store } as JobContext, jobId);

    const { predictions, latest } = uploadLayout(upload);
    expect(await store.head(predictions)).toMatchObject({
      sizeBytes: PARTS * PART_BYTES,
      user: { ok: '11', err: '1', model: MODEL.digest },
    });
    const found = createHash('sha256');
    const { body } = await store.get(predictions);
    for await (const piece of body as AsyncIterable<Buffer>) found.update(piece);
    expect(found.digest('hex')).toBe(sha256);
    const said = await store.getBytes(latest, { maxBytes: 10_000 });
    expect(JSON.parse(said.bytes.toString())).toMatchObject({ output: predictions, etag });
  },
);

/** A job over an upload that is over, with parts that are no more than bytes. */
async function putEndedJob(
  store: ObjectStore,
  upload: Upload,
): Promise<{ jobId: string; sha256: string }> {
  const jobId = uploadJobId(upload);
  const layout = jobLayout(jobId);
  await store.put(uploadJobLayout(jobId).upload, JSON.stringify(upload));
  const whole = createHash('sha256');
  const parts: JobResult['parts'] = [];
  for (let chunk = 0; chunk < PARTS; chunk += 1) {
    const bytes = Buffer.alloc(PART_BYTES, `${chunk}\n`);
    whole.update(bytes);
    const { etag } = await store.put(layout.part(chunk), bytes);
    const key = layout.part(chunk);
    parts.push({ chunk, key, etag, bytes: PART_BYTES, ok: chunk === 0 ? 0 : 1, err: 0 });
  }
  const now = new Date(0).toISOString();
  const result: JobResult = {
    jobId,
    state: 'completed_with_errors',
    chunks: PARTS,
    ok: PARTS - 1,
    err: 1,
    parts,
    model: MODEL,
    startedAt: now,
    finishedAt: now,
  };
  await store.put(layout.result, JSON.stringify(result));
  return { jobId, sha256: whole.digest('hex') };
}
