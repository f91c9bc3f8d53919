import type { TensorSpec } from '../../functions/runtime/tensor.ts';
import type { FetchedFile } from './fetch-file.ts';
import type { FetchedPackage } from './fetch-package.ts';
import type { Session } from './loaded-model.ts';
import { permanentError } from './model-load-error.ts';
import { MODEL_FILE, assetsOf, fileWithRole } from './package-schema.ts';
import type { GoldenFile, ModelManifest, PackageFile } from './package-schema.ts';
import { parseGolden, parseLabels } from './parse-package.ts';

/** A package's contents, each file proven to be the one that the manifest lists. */
export interface VerifiedPackage {
  readonly manifest: ModelManifest;
  readonly digest: string;
  readonly model: Buffer;
  readonly labels: readonly string[];
  readonly assets: ReadonlyMap<string, Buffer>;
  /** Only its first case. */
  readonly golden: GoldenFile;
}

/**
 * Compares size and sha256 of every file with the manifest, and the model's name with what the caller serves.
 * @throws {ModelLoadError} Permanent, naming the file and both values.
 */
export function verifyPackage(
  uri: string,
  { manifest, digest, files }: FetchedPackage,
  expectedName: string | undefined,
): VerifiedPackage {
  if (expectedName !== undefined && manifest.name !== expectedName) {
    throw permanentError(
      `Cannot load ${uri}: it is the model "${manifest.name}", not "${expectedName}"`,
    );
  }
  const bytesOf = (declared: PackageFile): Buffer =>
    verifyFile(uri, declared, files.get(declared.name));
  const golden = fileWithRole(manifest, 'golden');
  const labels = manifest.files.find(({ name }) => name === manifest.labels);
  return {
    manifest,
    digest,
    model: bytesOf(fileWithRole(manifest, 'model')),
    // The case that warms up; `npm run models -- verify` and the tests run all of them.
    golden: parseGolden(uri, { name: golden.name, bytes: bytesOf(golden) }, 1),
    labels:
      labels === undefined ? [] : parseLabels(uri, { name: labels.name, bytes: bytesOf(labels) }),
    assets: new Map(assetsOf(manifest).map((file) => [file.name, bytesOf(file)])),
  };
}

/**
 * Compares one file with what the manifest says of it.
 * @throws {ModelLoadError} Permanent, naming the file and both values.
 */
export function verifyFile(
  uri: string,
  declared: PackageFile,
  file: FetchedFile | undefined,
): Buffer {
  const { name, size_bytes: sizeBytes, sha256 } = declared;
  if (file === undefined) throw new TypeError(`${name} was not fetched`);
  if (file.bytes.length !== sizeBytes) {
    throw permanentError(
      `Cannot load ${uri}: ${name} has ${file.bytes.length} bytes, model.json says ${sizeBytes}`,
    );
  }
  if (file.sha256 !== sha256) {
    throw permanentError(
      `Cannot load ${uri}: ${name} has the sha256 ${file.sha256}, model.json says ${sha256}`,
    );
  }
  return file.bytes;
}

/**
 * Compares the tensors that the manifest declares with those that the graph itself has.
 * @throws {ModelLoadError} Permanent, with every difference.
 */
export function verifySession(
  uri: string,
  manifest: ModelManifest,
  session: Pick<Session, 'inputs' | 'outputs'>,
): void {
  const faults = [
    ...differences('input', manifest.inputs, session.inputs),
    ...differences('output', manifest.outputs, session.outputs),
  ];
  if (faults.length === 0) return;
  throw permanentError(
    `Cannot load ${uri}: model.json does not describe ${MODEL_FILE}: ${faults.join('; ')}`,
  );
}

function differences(
  kind: 'input' | 'output',
  declared: ModelManifest['inputs'],
  actual: readonly TensorSpec[],
): string[] {
  const faults: string[] = [];
  for (const tensor of declared) {
    const own = actual.find(({ name }) => name === tensor.name);
    // A named axis is one that varies.
    const shape = tensor.shape.map((axis) => (typeof axis === 'string' ? -1 : axis));
    const wanted = describe({ ...tensor, shape });
    if (own === undefined) faults.push(`the graph has no ${kind} "${tensor.name}"`);
    else if (describe(own) !== wanted) {
      faults.push(`${kind} "${tensor.name}" is ${describe(own)} in the graph, not ${wanted}`);
    }
  }
  const undeclared = actual.filter(({ name }) => !declared.some((tensor) => tensor.name === name));
  return [...faults, ...undeclared.map(({ name }) => `${kind} "${name}" is not declared`)];
}

function describe({ datatype, shape }: Omit<TensorSpec, 'name'>): string {
  return `${datatype} [${shape.join(', ')}]`;
}
