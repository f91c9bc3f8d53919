import type { StoredObject } from '../stored-object.ts';
import type { XmlNode } from '../xml.ts';

/** The one owner of everything here. */
export const OWNER: XmlNode = [
  'Owner',
  [
    ['ID', 'pilotlight'],
    ['DisplayName', 'pilotlight'],
  ],
];

/** An object as listings show it. */
export function listedObject(
  object: StoredObject,
  { encode, hasOwner }: { encode: (text: string) => string; hasOwner: boolean },
): XmlNode {
  return [
    'Contents',
    [
      ['Key', encode(object.key)],
      ['LastModified', new Date(object.lastModifiedMs).toISOString()],
      ['ETag', `"${object.etag}"`],
      ['Size', object.sizeBytes],
      ['StorageClass', 'STANDARD'],
      ...(hasOwner ? [OWNER] : []),
    ],
  ];
}

/** A rolled-up prefix as listings show it. */
export function commonPrefix(prefix: string, encode: (text: string) => string): XmlNode {
  return ['CommonPrefixes', [['Prefix', encode(prefix)]]];
}
