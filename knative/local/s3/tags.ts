import { S3Error } from './s3-error.ts';
import type { XmlElement } from './xml.ts';

const MAX_TAGS = 10;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;

/** The tags in an `x-amz-tagging` header: `name=value&…`. @throws {S3Error} `InvalidTag`. */
export function tagsInHeader(header: string | undefined): Record<string, string> {
  return checkedTags([...new URLSearchParams(header ?? '')]);
}

/** The tags in a `Tagging` document. @throws {S3Error} `MalformedXML`, `InvalidTag`. */
export function tagsInDocument(root: XmlElement): Record<string, string> {
  const set = root.children.find(({ name }) => name === 'TagSet');
  if (root.name !== 'Tagging' || set === undefined) {
    throw new S3Error('MalformedXML', 'Expecting Tagging with a TagSet.');
  }
  const tags = set.children.map(({ children }) => {
    const [key, value] = ['Key', 'Value'].map(
      (wanted) => children.find(({ name }) => name === wanted)?.text,
    );
    if (key === undefined || value === undefined) throw new S3Error('MalformedXML');
    return [key, value] as const;
  });
  return checkedTags(tags);
}

function checkedTags(
  tags: readonly (readonly [key: string, value: string])[],
): Record<string, string> {
  if (tags.length > MAX_TAGS) {
    throw new S3Error('BadRequest', `Object tags cannot be greater than ${MAX_TAGS}`);
  }
  for (const [key, value] of tags) {
    if (key === '' || key.length > MAX_KEY_LENGTH || value.length > MAX_VALUE_LENGTH) {
      throw new S3Error('InvalidTag', 'A tag has 1 to 128 characters and its value up to 256.');
    }
  }
  const byKey = Object.fromEntries(tags);
  if (Object.keys(byKey).length < tags.length) {
    throw new S3Error('InvalidTag', 'Cannot provide multiple tags with the same key.');
  }
  return byKey;
}
