import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { canonicalJson, sha256 } from '../canonical-json.ts';
import type { JobSpec } from '../job-spec.ts';
import type { PinnedObject } from '../records/read-range.ts';
import { PlanError } from './plan-error.ts';
import { readManifest } from './read-manifest.ts';
import type { ManifestEntry } from './read-manifest.ts';

/** Most objects of one job. */
const MAX_INPUTS = 100_000;

/** Where results lie: a prefix above them does not mean them. */
const OUTPUT_PREFIXES = ['jobs/', 'out/', 'dead-letters/', 'probes/'];

const COMPRESSED = /\.(?:gz|bz2|zst|xz|zip)$/i;

const HEADS_AT_ONCE = 16;

/**
 * The objects that a job reads, each in its present state: below a prefix in the order of their keys,
 * otherwise in the order in which they are named.
 * @throws {PlanError} When there are none or too many, one is missing, or one cannot be cut into records.
 */
export async function pinInputs(
  store: ObjectStore,
  spec: Pick<JobSpec, 'inputs' | 'policy'>,
  signal?: AbortSignal,
): Promise<PinnedObject[]> {
  const { inputs } = spec;
  const hasSuffix = (key: string): boolean => key.endsWith(inputs.suffix ?? '');
  const objects =
    inputs.prefix === undefined
      ? await pinNamed(store, spec, { hasSuffix, signal })
      : await pinListed(store, inputs.prefix, { hasSuffix, signal });
  if (objects.length === 0) throw new PlanError('NO_INPUTS', 'No object matches the inputs');
  const compressed = objects.find(({ key }) => COMPRESSED.test(key));
  if (compressed !== undefined && inputs.format !== 'files') {
    throw new PlanError('INPUT_UNSUPPORTED', `${compressed.key} is compressed: unpack it first`);
  }
  return objects;
}

/** One text for the same objects in the same state and order. */
export function digestOf(objects: readonly PinnedObject[]): string {
  return sha256(canonicalJson(objects));
}

interface Choice {
  readonly hasSuffix: (key: string) => boolean;
  readonly signal: AbortSignal | undefined;
}

async function pinListed(
  store: ObjectStore,
  prefix: string,
  { hasSuffix, signal }: Choice,
): Promise<PinnedObject[]> {
  const outputs = OUTPUT_PREFIXES.filter((one) => !prefix.startsWith(one));
  const objects: PinnedObject[] = [];
  for await (const { key, etag, sizeBytes } of store.list({ prefix, ...optional(signal) })) {
    const isOutput = outputs.some((output) => key.startsWith(output));
    if (isOutput || key.endsWith('/') || !hasSuffix(key)) continue;
    if (objects.length === MAX_INPUTS) refuseMany();
    objects.push({ key, etag, sizeBytes });
  }
  return objects;
}

async function pinNamed(
  store: ObjectStore,
  { inputs, policy }: Pick<JobSpec, 'inputs' | 'policy'>,
  { hasSuffix, signal }: Choice,
): Promise<PinnedObject[]> {
  const { manifest, keys = [] } = inputs;
  const entries: ManifestEntry[] =
    manifest === undefined
      ? keys.map((key) => ({ key }))
      : await readManifest(store, manifest, signal);
  const named = entries.filter(({ key }) => hasSuffix(key));
  if (named.length > MAX_INPUTS) refuseMany();
  const objects: PinnedObject[] = [];
  for (let at = 0; at < named.length; at += HEADS_AT_ONCE) {
    const some = named.slice(at, at + HEADS_AT_ONCE);
    objects.push(...(await Promise.all(some.map((entry) => pinOne(store, entry, policy, signal)))));
  }
  return objects;
}

async function pinOne(
  store: ObjectStore,
  { key, etag, versionId }: ManifestEntry,
  { onInputChanged }: JobSpec['policy'],
  signal: AbortSignal | undefined,
): Promise<PinnedObject> {
  const options = { ...optional(signal), ...(versionId === undefined ? {} : { versionId }) };
  const meta = await store.head(key, options);
  if (meta === undefined) throw new PlanError('INPUT_NOT_FOUND', `There is no object ${key}`);
  const hasChanged = etag !== undefined && etag !== meta.etag;
  if (hasChanged && onInputChanged === 'fail') {
    const message = `${key} has the ETag ${meta.etag}, not the ${etag} of the manifest`;
    throw new PlanError('INPUT_CHANGED', message);
  }
  const { sizeBytes } = meta;
  const version = versionId === undefined ? {} : { versionId };
  return { key, etag: etag ?? meta.etag, sizeBytes, ...version };
}

function refuseMany(): never {
  throw new PlanError('TOO_LARGE', `More than ${MAX_INPUTS} objects: split them over several jobs`);
}

function optional(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
