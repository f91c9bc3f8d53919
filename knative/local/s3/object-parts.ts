import type { ByteRange } from './byte-range.ts';
import type { StoredObject } from './stored-object.ts';

/** One of the parts that an object was uploaded in. */
export interface ObjectPart {
  readonly number: number;
  readonly sizeBytes: number;
  /** Where it lies in the object; `end` is before `start` when the part is empty. */
  readonly range: ByteRange;
  readonly checksums: Readonly<Record<string, string>>;
}

/** The parts of an object; one that was uploaded whole has one. */
export function partsOf({ sizeBytes, partSizes, partChecksums }: StoredObject): ObjectPart[] {
  let start = 0;
  return (partSizes ?? [sizeBytes]).map((size, index) => {
    const range = { start, end: start + size - 1 };
    start += size;
    return { number: index + 1, sizeBytes: size, range, checksums: partChecksums?.[index] ?? {} };
  });
}
