import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import type { JobResult } from './result-schema.ts';

/** Which of the bytes, by their positions in the whole, and until when. */
export interface StreamOptions {
  /** @default 0 */
  readonly start?: number;
  /** The first one that is not wanted. @default that behind the last */
  readonly end?: number;
  readonly signal?: AbortSignal;
}

/** How many bytes a job's output has. */
export function sizeOfResults({ parts }: Pick<JobResult, 'parts'>): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The lines of a job's output, in the order of its input: its parts, one after the other, or some bytes of them. */
export async function* streamResults(
  store: ObjectStore,
  { parts }: Pick<JobResult, 'parts'>,
  { start = 0, end = Infinity, signal }: StreamOptions = {},
): AsyncGenerator<Buffer, void, undefined> {
  let position = 0;
  for (const { key, etag, bytes } of parts) {
    const from = Math.max(start - position, 0);
    const to = Math.min(end - position, bytes);
    position += bytes;
    if (from >= to) continue;
    const isWhole = from === 0 && to === bytes;
    const { body } = await store.get(key, {
      ifMatch: etag,
      ...(isWhole ? {} : { range: { start: from, end: to - 1 } }),
      ...(signal === undefined ? {} : { signal }),
    });
    for await (const piece of body as AsyncIterable<Buffer>) yield piece;
  }
}
