import { isOver } from '../../events/jobs/job-status.ts';
import type { JobStatus } from '../../events/jobs/job-status.ts';
import type { BatchClient } from './client.ts';
import { barLine, guessText, secondsLeft, statusText } from './progress.ts';
import type { FirstLook } from './progress.ts';

/** Where progress is shown. */
export interface Screen {
  /** Of a terminal; undefined where lines go to a file or a pipe. */
  readonly columns: number | undefined;
  readonly write: (text: string) => void;
}

/** The function holds its answer back for so long. */
const WAIT_SECONDS = 2;

/** Shows how a job goes until it is over: a bar that moves on a terminal, else a line for each change. */
export async function watchJob(
  client: Pick<BatchClient, 'status'>,
  id: string,
  { columns, write }: Screen,
  now: () => number = () => performance.now(),
): Promise<JobStatus> {
  let first: FirstLook | undefined;
  let last = '';
  for (;;) {
    const status = await client.status(id, first === undefined ? 0 : WAIT_SECONDS);
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
