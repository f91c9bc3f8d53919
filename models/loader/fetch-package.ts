import type { PackageCache } from './cache.ts';
import { fetchFile } from './fetch-file.ts';
import type { FetchedFile } from './fetch-file.ts';
import type { FetchOptions } from './fetch-options.ts';
import { permanentError } from './model-load-error.ts';
import { MANIFEST_FILE, MODEL_FILE, assetsOf, fileWithRole } from './package-schema.ts';
import type { ModelManifest } from './package-schema.ts';
import type { PackageSource } from './package-source.ts';
import { parseManifest } from './parse-package.ts';

const MIB = 1024 * 1024;
/** An ONNX file is one protobuf message, and such a message ends at 2 GiB. */
const MAX_MODEL_BYTES = 2048 * MIB;
const MAX_MANIFEST_BYTES = MIB;
const MAX_FILE_BYTES = 64 * MIB;

/** The files that serving needs, as they arrived. Only the digest of the manifest has been compared. */
export interface FetchedPackage {
  readonly manifest: ModelManifest;
  /** sha256 of `model.json`. */
  readonly digest: string;
  /** By name: the graph, the golden cases, and labels, vocabulary and tokenizer if there are any. */
  readonly files: ReadonlyMap<string, FetchedFile>;
  /** What came from the source and is not in the cache yet, `model.json` included. */
  readonly uncached: readonly FetchedFile[];
}

/** Where to look, what is expected, and whom to tell. */
export interface FetchPackageOptions extends FetchOptions {
  readonly cache: PackageCache;
  /** sha256 that `model.json` must have, 64 hexadecimal digits. */
  readonly digest: string | undefined;
  /** Called once, when nothing is left to ask for: from here on there is only waiting. */
  readonly onRequested: (manifest: ModelManifest) => void;
}

/**
 * Fetches what serving needs of a package. `model.json` and `model.onnx` are asked for together, the small
 * files as soon as `model.json` names them; what the cache holds is not asked for.
 * @throws {ModelLoadError} Permanent: refused, not valid, or not the digest that was asked for.
 */
export async function fetchPackage(
  source: PackageSource,
  options: FetchPackageOptions,
): Promise<FetchedPackage> {
  const { cache, digest } = options;
  const abandon = new AbortController();
  const fetching = { ...options, signal: AbortSignal.any([options.signal, abandon.signal]) };
  const uncached: FetchedFile[] = [];
  const ask = async (name: string, maxBytes: number): Promise<FetchedFile> => {
    const file = await fetchFile(source, name, maxBytes, fetching);
    uncached.push(file);
    return file;
  };
  const readOrAsk = async (name: string, sha256: string, maxBytes: number): Promise<FetchedFile> =>
    (await cache.read(name, sha256)) ?? (await ask(name, maxBytes));

  const manifestFile =
    digest === undefined
      ? ask(MANIFEST_FILE, MAX_MANIFEST_BYTES)
      : readOrAsk(MANIFEST_FILE, digest, MAX_MANIFEST_BYTES);
  // The graph as well, before anyone knows its sha256; unless the cache probably has it.
  const model = cache
    .lastModel(source.uri)
    .then((known) => (known === undefined ? ask(MODEL_FILE, MAX_MODEL_BYTES) : undefined));

  const described = manifestFile.then(async ({ bytes, sha256 }) => {
    compareDigest(source, sha256, digest);
    const manifest = parseManifest(source.uri, bytes);
    const files = [
      fileWithRole(manifest, 'golden'),
      ...labelsOf(manifest),
      ...assetsOf(manifest),
    ].map(
      async (file) => [file.name, await readOrAsk(file.name, file.sha256, MAX_FILE_BYTES)] as const,
    );
    const { sha256: modelSha256 } = fileWithRole(manifest, 'model');
    const graph = model.then(
      async (early) => early ?? (await readOrAsk(MODEL_FILE, modelSha256, MAX_MODEL_BYTES)),
    );
    options.onRequested(manifest);
    return { manifest, digest: sha256, files: await Promise.all([graph.then(named), ...files]) };
  });

  try {
    // The first failure of any of them is the answer, also while another is still being retried.
    const [{ files, ...rest }] = await Promise.all([described, model]);
    return { ...rest, files: new Map(files), uncached };
  } catch (cause) {
    abandon.abort(cause);
    throw cause;
  }
}

function named(file: FetchedFile): readonly [string, FetchedFile] {
  return [MODEL_FILE, file];
}

function labelsOf(manifest: ModelManifest): ModelManifest['files'] {
  return manifest.files.filter(({ name }) => name === manifest.labels);
}

function compareDigest(source: PackageSource, found: string, asked: string | undefined): void {
  if (asked === undefined || asked === found) return;
  throw permanentError(
    `Cannot load ${source.uri}: its ${MANIFEST_FILE} has the sha256 ${found}, but MODEL_DIGEST asks for ${asked}`,
  );
}
