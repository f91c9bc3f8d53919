import { S3Error } from './s3-error.ts';
import type { XmlElement, XmlNode } from './xml.ts';

const MAX_TAGS = 10;
const MAX_BUCKET_TAGS = 50;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;
const TAG_RULE = 'A tag has 1 to 128 characters and its value up to 256, no tag comes twice.';

/** The tags in an `x-amz-tagging` header: `name=value&…`. @throws {S3Error} `InvalidTag`. */
export function tagsInHeader(header: string | undefined): Record<string, string> {
  return checkedTags([...new URLSearchParams(header ?? '')]);
}

/** The tags in a `Tagging` document. @throws {S3Error} `MalformedXML`, `InvalidTag`. */
export function tagsInDocument(root: XmlElement): Record<string, string> {
  return checkedTags(pairsInDocument(root));
}

/** The tags of a bucket in a `Tagging` document. @throws {S3Error} `MalformedXML`, whatever is wrong, as MinIO. */
export function bucketTagsInDocument(root: XmlElement): Record<string, string> {
  const pairs = pairsInDocument(root);
  const tags = Object.fromEntries(pairs);
  const areValid = pairs.every(([key, value]) => isTag(key, value));
  if (!areValid || pairs.length > MAX_BUCKET_TAGS || Object.keys(tags).length < pairs.length) {
    throw new S3Error('MalformedXML', `A bucket has up to ${MAX_BUCKET_TAGS} tags. ${TAG_RULE}`);
  }
  return tags;
}

/** The document of some tags. */
export function tagsDocument(tags: Readonly<Record<string, string>>): XmlNode {
  const set = Object.entries(tags).map(([key, value]): XmlNode => [
    'Tag',
    [
      ['Key', key],
      ['Value', value],
    ],
  ]);
  return ['Tagging', [['TagSet', set]]];
}

function pairsInDocument(root: XmlElement): readonly (readonly [key: string, value: string])[] {
  const set = root.children.find(({ name }) => name === 'TagSet');
  if (root.name !== 'Tagging' || set === undefined) {
    throw new S3Error('MalformedXML', 'Expecting Tagging with a TagSet.');
  }
  return set.children.map(({ children }) => {
    const [key, value] = ['Key', 'Value'].map(
      (wanted) => children.find(({ name }) => name === wanted)?.text,
    );
    if (key === undefined || value === undefined) throw new S3Error('MalformedXML');
    return [key, value] as const;
  });
}

function checkedTags(
  tags: readonly (readonly [key: string, value: string])[],
): Record<string, string> {
  if (tags.length > MAX_TAGS) {
    throw new S3Error('BadRequest', `Object tags cannot be greater than ${MAX_TAGS}`);
  }
  for (const [key, value] of tags) {
    if (!isTag(key, value)) throw new S3Error('InvalidTag', TAG_RULE);
  }
  const byKey = Object.fromEntries(tags);
  if (Object.keys(byKey).length < tags.length) {
    throw new S3Error('InvalidTag', 'Cannot provide multiple tags with the same key.');
  }
  return byKey;
}

function isTag(key: string, value: string): boolean {
  return key !== '' && key.length <= MAX_KEY_LENGTH && value.length <= MAX_VALUE_LENGTH;
}
