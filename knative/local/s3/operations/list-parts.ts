import { parameter, pageSize } from '../s3-request.ts';
import type { XmlNode } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';
import { uploadIdOf } from './upload-part.ts';

/** One page of the parts that have arrived, by number. */
export async function listParts(call: Call): Promise<void> {
  const { request } = call;
  const upload = call.storage.bucket(call.bucket).uploads.find(call.key, uploadIdOf(request));
  const maxParts = pageSize(request, 'max-parts');
  const marker = Number(parameter(request, 'part-number-marker') ?? 0);
  const rest = [...upload.parts.values()]
    .filter(({ number }) => number > marker)
    .toSorted((one, other) => one.number - other.number);
  const page = rest.slice(0, maxParts);
  await sendXml(call, [
    'ListPartsResult',
    [
      ['Bucket', call.bucket],
      ['Key', call.key],
      ['UploadId', upload.id],
      ['PartNumberMarker', marker],
      ['NextPartNumberMarker', page.at(-1)?.number ?? 0],
      ['MaxParts', maxParts],
      ['IsTruncated', String(page.length < rest.length)],
      ['StorageClass', 'STANDARD'],
      ...page.map(({ number, etag, sizeBytes, lastModifiedMs, checksums }): XmlNode => [
        'Part',
        [
          ['PartNumber', number],
          ['LastModified', new Date(lastModifiedMs).toISOString()],
          ['ETag', `"${etag}"`],
          ['Size', sizeBytes],
          ...Object.entries(checksums).map(([name, value]): XmlNode => [
            `Checksum${name.toUpperCase()}`,
            value,
          ]),
        ],
      ]),
    ],
  ]);
}
