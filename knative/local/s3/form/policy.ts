import { S3Error } from '../s3-error.ts';

/** What a signed policy allows. */
export interface PostPolicy {
  readonly expiresMs: number;
  readonly conditions: readonly Condition[];
  /** How many bytes the file may have. */
  readonly sizeBytes: { readonly least: number; readonly most: number };
}

interface Condition {
  readonly kind: 'eq' | 'starts-with';
  /** Lower case, without `$`. */
  readonly field: string;
  readonly value: string;
}

/** Fields that are about the form itself. */
const OWN_FIELDS = new Set([
  'awsaccesskeyid',
  'file',
  'policy',
  'signature',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-signature',
]);

/**
 * Reads a policy (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html).
 * @param encoded as it is in the form: JSON in base64
 * @throws {S3Error} `InvalidPolicyDocument`.
 */
export function parsePolicy(encoded: string): PostPolicy {
  const { expiration, conditions } = documentIn(encoded);
  const expiresMs = typeof expiration === 'string' ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(expiresMs) || !Array.isArray(conditions)) return invalid();
  const all: readonly unknown[] = conditions;
  const range = all.find((one) => Array.isArray(one) && one[0] === 'content-length-range');
  return {
    expiresMs,
    conditions: all.filter((one) => one !== range).flatMap(conditionsIn),
    sizeBytes: sizesIn(range),
  };
}

/**
 * Holds the fields of a form, and its bucket, against the policy: each field must be allowed.
 * @throws {S3Error} `AccessDenied`.
 */
export function checkPolicy(
  { expiresMs, conditions }: PostPolicy,
  fields: ReadonlyMap<string, string>,
  nowMs: number,
): void {
  if (nowMs > expiresMs) throw new S3Error('AccessDenied', 'The policy of the form has expired.');
  for (const { kind, field, value } of conditions) {
    const given = fields.get(field) ?? '';
    const holds = kind === 'eq' ? given === value : isPrefixed(field, given, value);
    if (!holds) {
      throw new S3Error('AccessDenied', `The policy does not allow this value of '${field}'.`);
    }
  }
  for (const field of fields.keys()) {
    const isFree = OWN_FIELDS.has(field) || field === 'bucket' || field.startsWith('x-ignore-');
    if (!isFree && !conditions.some((condition) => condition.field === field)) {
      throw new S3Error('AccessDenied', `The policy says nothing of the field '${field}'.`);
    }
  }
}

/** Of a list of content types, each must have the prefix. */
function isPrefixed(field: string, given: string, prefix: string): boolean {
  const values = field === 'content-type' ? given.split(',') : [given];
  return values.every((value) => value.startsWith(prefix));
}

function documentIn(encoded: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(Buffer.from(encoded, 'base64').toString()) as unknown;
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Said below.
  }
  return invalid();
}

function conditionsIn(condition: unknown): Condition[] {
  if (Array.isArray(condition)) {
    const [kind, name, value] = condition as unknown[];
    const isKnown = kind === 'eq' || kind === 'starts-with';
    if (!isKnown || typeof name !== 'string' || typeof value !== 'string') return invalid();
    return [{ kind, field: name.replace(/^\$/, '').toLowerCase(), value }];
  }
  if (typeof condition !== 'object' || condition === null) return invalid();
  return Object.entries(condition).map(([name, value]) => {
    if (typeof value !== 'string') return invalid();
    return { kind: 'eq', field: name.toLowerCase(), value };
  });
}

function sizesIn(range: unknown): PostPolicy['sizeBytes'] {
  if (!Array.isArray(range)) return { least: 0, most: Number.POSITIVE_INFINITY };
  const [least, most] = [Number(range[1]), Number(range[2])];
  if (!Number.isSafeInteger(least) || !Number.isSafeInteger(most)) invalid();
  return { least, most };
}

function invalid(): never {
  throw new S3Error('InvalidPolicyDocument');
}
