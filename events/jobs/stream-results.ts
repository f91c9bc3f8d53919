import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import type { JobResult } from './result-schema.ts';

/** The lines of a job's output, in the order of its input: its parts, one after the other. */
export async function* streamResults(
  store: ObjectStore,
  { parts }: Pick<JobResult, 'parts'>,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  for (const { key, etag, bytes } of parts) {
    if (bytes === 0) continue;
    const { body } = await store.get(key, {
      ifMatch: etag,
      ...(signal === undefined ? {} : { signal }),
    });
    for await (const piece of body as AsyncIterable<Buffer>) yield piece;
  }
}
