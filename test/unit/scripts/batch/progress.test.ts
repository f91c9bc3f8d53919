import { describe, expect, it } from 'vitest';

import type { JobStatus } from '../../../../events/jobs/job-status.ts';
import { barLine, guessText, secondsLeft, statusText } from '../../../../scripts/batch/progress.ts';
import { AnswerError, NoAnswerError } from '../../../../scripts/batch/ask-again.ts';
import { watchJob } from '../../../../scripts/batch/watch-job.ts';

function job(done: number, more: Partial<JobStatus> = {}): JobStatus {
  return {
    id: 'job-under-test',
    state: 'in_progress',
    chunks: { total: 100, done, running: 2 },
    records: { ok: done * 1000, err: 0 },
    bytes: { total: 1 },
    model: { name: 'iris', version: '1', digest: '' },
    createdAt: '2026-01-01T00:00:00.000Z',
    output: { prefix: '' },
    error: null,
    ...more,
  };
}

describe('secondsLeft()', () => {
  it.each([
    ['nothing while too little time has been seen', 60, 2_000, undefined],
    ['nothing while too few chunks have been seen', 51, 60_000, undefined],
    ['nothing while nothing moves', 50, 600_000, undefined],
    ['the rest at the pace that was seen', 75, 50_000, 50],
    ['nothing left at the end', 100, 50_000, 0],
  ])('says %s', (_, done, nowMs, expected) => {
    expect(secondsLeft(job(done), { atMs: 0, chunksDone: 50 }, nowMs)).toBe(expected);
  });
});

describe('guessText()', () => {
  it.each([
    [undefined, 'time left not known yet'],
    [4, 'a few seconds left'],
    [47, 'about 50 s left'],
    [170, 'about 3 min left'],
    [9000, 'about 2.5 h left'],
  ])('%s seconds: %s', (seconds, text) => {
    expect(guessText(seconds)).toBe(text);
  });
});

describe('a job in words', () => {
  it('has what there is to say, and no more', () => {
    expect(statusText(job(57))).toBe('in_progress, 57 of 100 chunks, 57,000 records');
    const error = { code: 'NO_INPUTS', message: 'No object matches the inputs' };
    const failed = job(0, { state: 'failed', chunks: { total: 0, done: 0, running: 0 }, error });
    expect(statusText(failed)).toBe('failed, 0 records, NO_INPUTS: No object matches the inputs');
  });

  it.each([200, 100, 72, 40, 10])('fits into %i columns', (columns) => {
    const line = barLine(job(57), 'about 3 min left', columns);

    expect(line.length).toBeLessThan(columns);
    if (columns === 200) expect(line).toMatch(/^\[#{17}-{13}\] {2}57 %/);
  });
});

describe('watchJob()', () => {
  const states = [job(0), job(0), job(50), job(100, { state: 'completed' })];
  const watch = async (columns: number | undefined): Promise<string> => {
    let [text, index, nowMs] = ['', 0, 0];
    const client = { status: async () => states[index++] as JobStatus };
    const screen = { columns, write: (more: string) => void (text += more) };
    await watchJob(client, 'job-under-test', screen, { now: () => (nowMs += 5000) });
    return text;
  };

  it('writes a line for each change where there is no terminal', async () => {
    expect(await watch(undefined)).toBe(
      'in_progress, 0 of 100 chunks, 0 records\n' +
        'in_progress, 50 of 100 chunks, 50,000 records\n' +
        'completed, 100 of 100 chunks, 100,000 records\n',
    );
  });

  it('moves one line on a terminal', async () => {
    const lines = (await watch(100)).split('\r\u001b[K');

    expect(lines).toHaveLength(5);
    expect(lines[1]).toContain('time left not known yet');
    expect(lines[3]).toContain('about 20 s left');
    expect(lines[4]).toBe('completed, 100 of 100 chunks, 100,000 records\n');
  });

  it('gets over answers that fail once it has had one, and not over what is refused', async () => {
    const [running, over] = [job(0), job(100, { state: 'completed' })];
    const failures = [new NoAnswerError('gone'), new AnswerError(503, 'away')];
    const ask = async (...answers: (JobStatus | Error)[]): Promise<JobStatus> => {
      const status = async (): Promise<JobStatus> => {
        const next = answers.shift();
        if (next === undefined || next instanceof Error) throw next ?? new Error('asked too often');
        return next;
      };
      const screen = { columns: undefined, write: () => {} };
      const patience = { attempts: 3, pauseMs: 0 };
      return await watchJob({ status }, 'job-under-test', screen, { patience });
    };

    expect(await ask(running, ...failures, running, ...failures, over)).toBe(over);
    await expect(ask(running, ...failures, ...failures)).rejects.toThrow('gone');
    await expect(ask(running, new AnswerError(404, 'none'))).rejects.toThrow('none');
    await expect(ask(new NoAnswerError('nobody'), over)).rejects.toThrow('nobody');
  });
});
