/** Largest `custom_id` that is echoed. */
export const MAX_CUSTOM_ID_LENGTH = 256;

/** The `custom_id` of a record of JSON, null where it has none, or where it is no JSON. */
export function customIdOf(bytes: Buffer | undefined): string | null {
  if (bytes === undefined) return null;
  try {
    return customIdIn(JSON.parse(bytes.toString()));
  } catch {
    return null;
  }
}

/** The `custom_id` of an object; null where it has none, or none that can be echoed. */
function customIdIn(record: unknown): string | null {
  if (typeof record !== 'object' || record === null) return null;
  const id = (record as { readonly custom_id?: unknown }).custom_id;
  return typeof id === 'string' && id.length <= MAX_CUSTOM_ID_LENGTH ? id : null;
}
