import { isOver } from '../../events/jobs/job-status.ts';
import type { JobStatus } from '../../events/jobs/job-status.ts';
import { askAgain } from './ask-again.ts';
import type { Patience } from './ask-again.ts';
import type { BatchClient } from './client.ts';
import { barLine, guessText, secondsLeft, statusText } from './progress.ts';
import type { FirstLook } from './progress.ts';

/** Where progress is shown. */
export interface Screen {
  /** Of a terminal; undefined where lines go to a file or a pipe. */
  readonly columns: number | undefined;
  readonly write: (text: string) => void;
}

/** Clock and patience, for tests. */
export interface WatchOptions {
  readonly now?: () => number;
  readonly patience?: Partial<Patience>;
}

/** The function holds its answer back for so long. */
const WAIT_SECONDS = 2;

/**
 * Shows how a job goes until it is over, however long that takes: a bar that moves on a terminal, else a line for each
 * change. Once it has had an answer it gets over some that fail.
 */
export async function watchJob(
  client: Pick<BatchClient, 'status'>,
  id: string,
  { columns, write }: Screen,
  { now = () => performance.now(), patience = {} }: WatchOptions = {},
): Promise<JobStatus> {
  let first: FirstLook | undefined;
  let last = '';
  for (;;) {
    const status =
      first === undefined
        ? await client.status(id, 0)
        : await askAgain(() => client.status(id, WAIT_SECONDS), patience);
    first ??= { atMs: now(), chunksDone: status.chunks.done };
    const over = isOver(status);
    const text = statusText(status);
    if (columns === undefined) {
      if (text !== last) write(`${text}\n`);
    } else {
      const left = over ? 'over' : guessText(secondsLeft(status, first, now()));
      write(`\r\u001b[K${over ? text : barLine(status, left, columns)}${over ? '\n' : ''}`);
    }
    last = text;
    if (over) return status;
  }
}
