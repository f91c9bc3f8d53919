import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import type { JobSpec } from '../job-spec.ts';
import type { PinnedObject } from '../records/read-range.ts';
import { cutCsv } from './cut-csv.ts';
import type { PlannedRange } from './plan-schema.ts';

/** Most objects that share a chunk. */
const MAX_RANGES = 1000;

/**
 * The ranges of each chunk, in order. Large objects are cut by bytes, without a look at them: who reads a
 * range finds its records. Small ones share a chunk. Files are counted, not measured.
 * @throws {PlanError} When a CSV is not as the job says.
 */
export async function* cutChunks(
  store: ObjectStore,
  spec: Pick<JobSpec, 'inputs' | 'split'>,
  objects: readonly PinnedObject[],
  signal?: AbortSignal,
): AsyncGenerator<PlannedRange[], void, undefined> {
  const { inputs, split } = spec;
  const isFiles = inputs.format === 'files';
  const most = isFiles ? split.filesPerChunk : MAX_RANGES;
  let ranges: PlannedRange[] = [];
  let bytes = 0;
  for (const object of objects) {
    const cuts =
      inputs.format === 'csv'
        ? cutCsv(store, spec, object, signal)
        : cutBytes(object, isFiles, split);
    for await (const range of cuts) {
      const length = range.end - range.start;
      const isFull = !isFiles && bytes + length > split.chunkBytes;
      if (ranges.length > 0 && (isFull || ranges.length === most)) {
        yield ranges;
        [ranges, bytes] = [[], 0];
      }
      ranges.push(range);
      bytes += length;
    }
  }
  if (ranges.length > 0) yield ranges;
}

function* cutBytes(
  object: PinnedObject,
  isFiles: boolean,
  { chunkBytes }: JobSpec['split'],
): Generator<PlannedRange, void, undefined> {
  const { sizeBytes } = object;
  if (isFiles) {
    yield { ...object, start: 0, end: sizeBytes };
    return;
  }
  for (let start = 0; start < sizeBytes; start += chunkBytes) {
    yield { ...object, start, end: Math.min(start + chunkBytes, sizeBytes) };
  }
}
