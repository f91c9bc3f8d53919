import { createHash } from 'node:crypto';

/**
 * `value` as JSON in one form only: names in order, nothing undefined, no spaces. Equal values give equal
 * bytes, and so equal digests and equal ETags.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)),
        )
      : inner,
  );
}

/** sha256 in hex. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A digest as 26 letters and digits that may stand in a job's id. */
export function shortDigest(text: string): string {
  const bytes = createHash('sha256').update(text).digest();
  return Array.from(bytes.subarray(0, 26), (byte) => BASE32[byte & 31]).join('');
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
