import type { Footer } from './footer-file.ts';
import { formatSequencer } from './sequencer.ts';

/** What a client gave along with an object's bytes. */
export interface ObjectDescription {
  /** `content-type` and the other headers that S3 gives back as they came. */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata: names without `x-amz-meta-`. */
  readonly user: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** All of a version but what the bucket adds when it is stored. */
export interface ObjectContent extends ObjectDescription, Footer {
  readonly key: string;
  /** MD5 of the bytes, hexadecimal; of an upload in parts `<MD5 of the parts' MD5s>-<parts>`. */
  readonly etag: string;
  /** Checksum name to base64 value; of an upload in parts it may end with `-<parts>`. */
  readonly checksums: Readonly<Record<string, string>>;
  /** Sizes of the parts it was uploaded in. */
  readonly partSizes?: readonly number[];
  /** Checksums of those parts; objects of earlier releases lack them. */
  readonly partChecksums?: readonly Readonly<Record<string, string>>[];
}

/** One version of an object, or a marker that it was deleted. */
export interface StoredObject extends ObjectContent {
  /** `null` when it was written while the bucket kept no versions. */
  readonly versionId: string;
  readonly isDeleteMarker?: true;
  readonly lastModifiedMs: number;
  /** Rises with every write of any key. */
  readonly sequencer: string;
}

/** What a delete marker has instead of content. */
export function emptyContent(key: string): ObjectContent {
  return { key, sizeBytes: 0, etag: '', headers: {}, user: {}, tags: {}, checksums: {} };
}

/** The object in a footer; what the footers of earlier releases lack is filled in. */
export function objectInFooter(footer: Footer): StoredObject {
  // Only `Bucket` writes object files, and always with these.
  const stored = footer as Omit<StoredObject, 'versionId' | 'sequencer' | 'tags'>;
  const sequencer = formatSequencer(BigInt(Math.floor(stored.lastModifiedMs)) * 1_000_000n);
  return { versionId: 'null', sequencer, tags: {}, ...stored };
}
