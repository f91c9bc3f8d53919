import { checksumType } from '../object-headers.ts';
import { partsOf } from '../object-parts.ts';
import { S3Error } from '../s3-error.ts';
import type { S3Request } from '../s3-request.ts';
import type { StoredObject } from '../stored-object.ts';
import type { XmlNode } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';
import { requestedObject } from './version.ts';

const MAX_PARTS = 10_000;

/** What can be asked for, and how it is written. */
const ATTRIBUTES: Readonly<
  Record<string, (object: StoredObject, request: S3Request) => readonly XmlNode[]>
> = {
  ETag: ({ etag }) => [['ETag', etag]],
  Checksum: checksumNodes,
  ObjectParts: partsNodes,
  StorageClass: () => [['StorageClass', 'STANDARD']],
  ObjectSize: ({ sizeBytes }) => [['ObjectSize', sizeBytes]],
};

/**
 * What `x-amz-object-attributes` names of an object or a version.
 * @throws {S3Error} `InvalidArgument` when it names none, or one that does not exist.
 */
export async function getObjectAttributes(call: Call): Promise<void> {
  const { request, response } = call;
  const names = (request.headers.get('x-amz-object-attributes') ?? '')
    .split(',')
    .map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(ATTRIBUTES, name));
  if (unknown !== undefined) {
    throw new S3Error('InvalidArgument', `There is no attribute '${unknown}'.`);
  }
  const object = requestedObject(call, call.storage.bucket(call.bucket));
  response.setHeader('last-modified', new Date(object.lastModifiedMs).toUTCString());
  const wanted = Object.keys(ATTRIBUTES).filter((name) => names.includes(name));
  const nodes = wanted.flatMap((name) => ATTRIBUTES[name]?.(object, request) ?? []);
  await sendXml(call, ['GetObjectAttributesResponse', nodes]);
}

/** Without the number of parts, which their checksum has elsewhere. */
function checksumNodes(object: StoredObject): readonly XmlNode[] {
  const [entry] = Object.entries(object.checksums);
  if (entry === undefined) return [];
  const [name, value] = entry;
  const type = ['ChecksumType', checksumType(value)] as const;
  return [['Checksum', [checksumNode(name, value.replace(/-\d+$/, '')), type]]];
}

function partsNodes(object: StoredObject, { headers }: S3Request): readonly XmlNode[] {
  const marker = numberIn(headers.get('x-amz-part-number-marker'), 0);
  const maxParts = Math.min(numberIn(headers.get('x-amz-max-parts'), 0) || MAX_PARTS, MAX_PARTS);
  const parts = partsOf(object);
  const after = parts.filter(({ number }) => number > marker);
  const page = after.slice(0, maxParts);
  return [
    [
      'ObjectParts',
      [
        ['IsTruncated', String(page.length < after.length)],
        ['MaxParts', maxParts],
        ['NextPartNumberMarker', page.at(-1)?.number ?? 0],
        ['PartNumberMarker', marker],
        ...page.map(({ number, sizeBytes, checksums }): XmlNode => [
          'Part',
          [
            ['PartNumber', number],
            ['Size', sizeBytes],
            ...Object.entries(checksums).map(([name, value]) => checksumNode(name, value)),
          ],
        ]),
        ['PartsCount', parts.length],
      ],
    ],
  ];
}

function checksumNode(name: string, value: string): XmlNode {
  return [`Checksum${name.toUpperCase()}`, value];
}

function numberIn(header: string | undefined, otherwise: number): number {
  if (header === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(header)) throw new S3Error('InvalidArgument', 'Expecting a number.');
  return Number(header);
}
