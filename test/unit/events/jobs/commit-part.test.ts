import { expect, it } from 'vitest';

import {
  commitPart,
  findPart,
  partBody,
  writeLine,
  writeOutputLine,
} from '../../../../events/jobs/commit-part.ts';
import type { JobContext } from '../../../../events/jobs/job-context.ts';
import { jobLayout } from '../../../../events/jobs/layout.ts';
import { testSpec } from '../../../support/jobs/test-job.ts';
import { memoryStore } from '../../../support/memory-store.ts';

const spec = testSpec();
const plan = { chunks: 1, pages: 1, inputs: 1, bytes: 1, inputsDigest: 'a', planDigest: 'b' };
const work = { spec, plan, chunk: 0 };
const author = { owner: 'me', attempt: 1, modelDigest: spec.model.digest };
const lines = (text: string) => ({ body: partBody([text]), errorLines: [], ok: 1, err: 0 });

function office(): JobContext {
  return {
    store: memoryStore(() => 0),
    publish: async () => {},
    nonce: () => crypto.randomUUID(),
    now: () => 0,
    wait: async () => {},
    warn: () => {},
  };
}

it('keeps the first part, whatever comes after it', async () => {
  const context = office();

  const first = await commitPart(context, work, lines('{"n":1}'), author);
  const second = await commitPart(context, work, lines('{"n":2}'), { ...author, owner: 'you' });

  expect(first).toMatchObject({ ok: 1, err: 0, attempt: 1, bytes: 8 });
  expect(second).toBeUndefined();
  const { bytes } = await context.store.getBytes(jobLayout(spec.jobId).part(0), { maxBytes: 100 });
  expect(bytes.toString()).toBe('{"n":1}\n');
  expect(await findPart(context, spec.jobId, 0)).toMatchObject({ etag: first?.etag });
});

it('refuses what another model than the pinned one has made', async () => {
  const other = { ...author, modelDigest: `sha256:${'b'.repeat(64)}` };

  await expect(commitPart(office(), work, lines('{}'), other)).rejects.toThrow(/was scored with/);
});

it('refuses a part that cannot be committed in one piece', async () => {
  const large = lines('x'.repeat(64 * 1024 * 1024));

  await expect(commitPart(office(), work, large, author)).rejects.toThrow(/more than 67108864/);
});

it.each([
  { key: 'in/a', offset: 0, id: null },
  { key: 'in/"a" ü\n', offset: 12_345_678_901, id: 'r"1"' },
  { key: 'in/a', offset: 1, id: '', input: { a: ['x"', null] } },
  { key: 'in/a', offset: 1, id: null, input: null },
])('writes predictions as every other line: %j', (head) => {
  for (const output of [{ a: 1.5, b: ['"', undefined] }, 'x', null, 0]) {
    expect(writeOutputLine(JSON.stringify(head.key), head, output)).toBe(
      writeLine({ ...head, output }),
    );
  }
});
