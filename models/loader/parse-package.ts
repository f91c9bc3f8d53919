import * as z from 'zod';

import { permanentError, reasonOf } from './model-load-error.ts';
import { MANIFEST_FILE, goldenFile, modelManifest } from './package-schema.ts';
import type { GoldenFile, ModelManifest } from './package-schema.ts';

const labelsFile = z.array(z.string().min(1)).min(1);

/**
 * The parsed `model.json` in `bytes`.
 * @throws {ModelLoadError} Permanent, with every fault.
 */
export function parseManifest(uri: string, bytes: Uint8Array): ModelManifest {
  return check(uri, {
    name: MANIFEST_FILE,
    value: jsonOf(uri, MANIFEST_FILE, bytes),
    schema: modelManifest,
  });
}

/**
 * The parsed golden cases in `bytes`.
 * @param count Only so many cases are checked and returned: a start needs one, and the rest costs time.
 * @throws {ModelLoadError} Permanent, with every fault.
 */
export function parseGolden(
  uri: string,
  { name, bytes }: { readonly name: string; readonly bytes: Uint8Array },
  count = Infinity,
): GoldenFile {
  const json = jsonOf(uri, name, bytes) as { cases?: unknown } | null;
  const value = Array.isArray(json?.cases) ? { ...json, cases: json.cases.slice(0, count) } : json;
  return check(uri, { name, value, schema: goldenFile });
}

/**
 * The class names in `bytes`.
 * @throws {ModelLoadError} Permanent, with every fault.
 */
export function parseLabels(
  uri: string,
  { name, bytes }: { readonly name: string; readonly bytes: Uint8Array },
): readonly string[] {
  return check(uri, { name, value: jsonOf(uri, name, bytes), schema: labelsFile });
}

/** zod compiles an object's parser before its first use; here there is only one. */
const PARSED_ONCE = { jitless: true };

function check<T>(
  uri: string,
  file: { readonly name: string; readonly value: unknown; readonly schema: z.ZodType<T> },
): T {
  const parsed = file.schema.safeParse(file.value, PARSED_ONCE);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues
    .slice(0, 20)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  throw permanentError(`Cannot load ${uri}: ${file.name} is not valid: ${faults.join('; ')}`);
}

function jsonOf(uri: string, name: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw permanentError(`Cannot load ${uri}: ${name} is not JSON: ${reasonOf(cause)}`, cause);
  }
}
