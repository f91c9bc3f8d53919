/** What can happen to an object, by MinIO's names. */
export const EVENT_NAMES = [
  's3:ObjectAccessed:Get',
  's3:ObjectAccessed:Head',
  's3:ObjectCreated:CompleteMultipartUpload',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:DeleteTagging',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Put',
  's3:ObjectCreated:PutLegalHold',
  's3:ObjectCreated:PutRetention',
  's3:ObjectCreated:PutTagging',
  's3:ObjectRemoved:Delete',
  's3:ObjectRemoved:DeleteMarkerCreated',
  's3:ObjectRemoved:NoOP',
] as const;

/** One of {@link EVENT_NAMES}. */
export type EventName = (typeof EVENT_NAMES)[number];

/** Whether `pattern`, a name or one that ends with `*`, covers `name`. */
export function coversEvent(pattern: string, name: EventName): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** Whether a rule may ask for `pattern`. */
export function isEventPattern(pattern: string): boolean {
  const hasForm = /^s3:Object(?:Accessed|Created|Removed):(?:\*|\w+)$/.test(pattern);
  return hasForm && EVENT_NAMES.some((name) => coversEvent(pattern, name));
}
