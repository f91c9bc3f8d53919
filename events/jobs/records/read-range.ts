import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';

/** One state of an object: read by its version where it has one, else only while the ETag is this one. */
export interface PinnedObject {
  readonly key: string;
  readonly etag: string;
  readonly versionId?: string | undefined;
  readonly sizeBytes: number;
}

const FIRST_TAIL_BYTES = 64 * 1024;
const MAX_TAIL_BYTES = 4 * 1024 * 1024;

/**
 * The bytes of `object` from `start` on, up to where the reader stops: first those before `end` in one
 * request, then, for a record that goes on behind it, more and more at a time.
 * @throws {PreconditionFailedError} When the object is another one by now.
 * @throws {ObjectNotFoundError} When it is gone.
 */
export async function* readRange(
  store: ObjectStore,
  object: PinnedObject,
  { start, end, signal }: { start: number; end: number; signal?: AbortSignal | undefined },
): AsyncGenerator<Buffer, void, undefined> {
  let from = start;
  let until = Math.min(end, object.sizeBytes);
  let tailBytes = FIRST_TAIL_BYTES;
  while (from < object.sizeBytes) {
    const { body } = await store.get(object.key, {
      range: { start: from, end: until - 1 },
      ...(object.versionId === undefined
        ? { ifMatch: object.etag }
        : { versionId: object.versionId }),
      ...(signal === undefined ? {} : { signal }),
    });
    // Leaving the loop early destroys the body.
    for await (const piece of body as AsyncIterable<Buffer>) yield piece;
    from = until;
    until = Math.min(until + tailBytes, object.sizeBytes);
    tailBytes = Math.min(tailBytes * 4, MAX_TAIL_BYTES);
  }
}
