import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';

import type { PutOptions, Written } from './object-store.ts';
import { writtenOf } from './s3-answers.ts';
import { sdk } from './sdk.ts';

/** One object that is made of parts. */
export interface PartedObject {
  readonly Bucket: string;
  readonly Key: string;
}

/** What is said of it, once at the begin and once at the end. */
export type PartedOptions = {
  readonly [Name in 'contentType' | 'ifNoneMatch' | 'ifMatch' | 'signal']: PutOptions[Name];
} & { readonly metadata: Readonly<Record<string, string>> };

/**
 * Bytes as they come, cut into parts of `partBytes`; only the last one may be smaller. One part is held at a time, and one
 * looked ahead by whoever must know whether it is the last.
 */
export async function* inParts(
  pieces: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  let [part, filled] = [Buffer.allocUnsafe(partBytes), 0];
  for await (const piece of pieces) {
    for (let taken = 0; taken < piece.length;) {
      const some = piece.subarray(taken, taken + partBytes - filled);
      part.set(some, filled);
      [filled, taken] = [filled + some.length, taken + some.length];
      if (filled < partBytes) continue;
      yield part;
      [part, filled] = [Buffer.allocUnsafe(partBytes), 0];
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

/**
 * Makes an object of parts, each sent as it comes. Until the end there is nothing at its key, and after a failure the store
 * is told to forget the parts. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 * @throws Whatever the SDK or `parts` throws.
 */
export async function putParts(
  client: S3Client,
  object: PartedObject,
  parts: AsyncIterable<Buffer>,
  { contentType, metadata, ifNoneMatch, ifMatch, signal }: PartedOptions,
): Promise<Written> {
  const send = signal === undefined ? {} : { abortSignal: signal };
  const { UploadId } = await client.send(
    new sdk.CreateMultipartUploadCommand({
      ...object,
      ContentType: contentType,
      Metadata: metadata,
      ChecksumAlgorithm: 'CRC32',
    }),
    send,
  );
  const upload = { ...object, UploadId };
  try {
    const Parts: CompletedPart[] = [];
    for await (const Body of parts) {
      const PartNumber = Parts.length + 1;
      const command = new sdk.UploadPartCommand({
        ...upload,
        PartNumber,
        Body,
        ChecksumAlgorithm: 'CRC32',
      });
      const { ETag, ChecksumCRC32 } = await client.send(command, send);
      Parts.push({ PartNumber, ETag, ChecksumCRC32 });
    }
    const command = new sdk.CompleteMultipartUploadCommand({
      ...upload,
      MultipartUpload: { Parts },
      IfNoneMatch: ifNoneMatch,
      IfMatch: ifMatch === undefined ? undefined : `"${ifMatch}"`,
    });
    return writtenOf(await client.send(command, send));
  } catch (cause) {
    // Told or not, the store forgets them after some days; and where it did complete them there are none.
    await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => {});
    throw cause;
  }
}
