import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import { DEFAULT_BACKOFF } from '../../models/loader/backoff.ts';
import { openCache } from '../../models/loader/cache.ts';
import { fetchFile } from '../../models/loader/fetch-file.ts';
import type { FetchOptions } from '../../models/loader/fetch-options.ts';
import { fetchPackage } from '../../models/loader/fetch-package.ts';
import { compareGolden } from '../../models/loader/golden.ts';
import type { OutputDifference } from '../../models/loader/golden.ts';
import type { OnLoadEvent } from '../../models/loader/load-event.ts';
import type { Session } from '../../models/loader/loaded-model.ts';
import { locatePackage } from '../../models/loader/locate.ts';
import { openSession } from '../../models/loader/open-session.ts';
import { openSource } from '../../models/loader/open-source.ts';
import { fileWithRole } from '../../models/loader/package-schema.ts';
import type { GoldenFile, ModelManifest } from '../../models/loader/package-schema.ts';
import type { PackageSource } from '../../models/loader/package-source.ts';
import { parseGolden } from '../../models/loader/parse-package.ts';
import { verifyFile, verifyPackage, verifySession } from '../../models/loader/verify.ts';

const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Which package to verify, and how to reach it. */
export interface VerifyOptions {
  /** `s3://bucket/prefix` or `file:folder`. */
  readonly uri: string;
  readonly openStore: (bucket: string) => Promise<ObjectStore>;
  readonly signal: AbortSignal;
  readonly onEvent?: OnLoadEvent;
}

/** What a package is, and how close it comes to the framework that it was made with. */
export interface Verification {
  readonly manifest: ModelManifest;
  /** sha256 of `model.json`. */
  readonly digest: string;
  readonly producer: string;
  readonly tolerance: GoldenFile['tolerance'];
  readonly cases: number;
  /** Per output, the largest over all golden cases. */
  readonly differences: readonly OutputDifference[];
  /** Every output of every case is within the tolerance. */
  readonly passed: boolean;
}

/**
 * Fetches a whole package, compares size and sha256 of all its files, opens it as a server would and runs
 * every golden case.
 * @throws {ModelLoadError} When the package cannot be loaded. A wrong answer to a golden case is no error:
 *   see `passed`.
 */
export async function verifyModel(options: VerifyOptions): Promise<Verification> {
  const { uri, signal, onEvent = () => {} } = options;
  const source = await openSource(locatePackage(uri), options.openStore);
  const fetching = { signal, onEvent, backoff: DEFAULT_BACKOFF, idleTimeoutMs: 10_000 };
  try {
    const fetched = await fetchPackage(source, {
      ...fetching,
      cache: openCache(undefined, onEvent),
      digest: undefined,
      onRequested: () => {},
    });
    const { manifest, digest, model } = verifyPackage(uri, fetched, undefined);
    await verifyOtherFiles(source, manifest, { known: new Set(fetched.files.keys()), fetching });
    const golden = wholeGolden(uri, manifest, fetched.files);
    const session = await openSession(uri, model, manifest);
    try {
      verifySession(uri, manifest, session);
      const differences = await largestDifferences(session, golden);
      const passed = differences.every(({ withinTolerance }) => withinTolerance);
      const { producer, tolerance, cases } = golden;
      return { manifest, digest, producer, tolerance, cases: cases.length, differences, passed };
    } finally {
      await session.release();
    }
  } finally {
    source.close();
  }
}

/** The card, the metrics: no server reads them, but they are part of the version. */
async function verifyOtherFiles(
  source: PackageSource,
  manifest: ModelManifest,
  { known, fetching }: { known: ReadonlySet<string>; fetching: FetchOptions },
): Promise<void> {
  for (const declared of manifest.files) {
    if (known.has(declared.name)) continue;
    const file = await fetchFile(source, declared.name, MAX_FILE_BYTES, fetching);
    verifyFile(source.uri, declared, file);
  }
}

function wholeGolden(
  uri: string,
  manifest: ModelManifest,
  files: ReadonlyMap<string, { readonly bytes: Buffer }>,
): GoldenFile {
  const { name } = fileWithRole(manifest, 'golden');
  const bytes = files.get(name)?.bytes ?? Buffer.alloc(0);
  return parseGolden(uri, { name, bytes });
}

async function largestDifferences(
  session: Session,
  golden: GoldenFile,
): Promise<readonly OutputDifference[]> {
  const largest = new Map<string, OutputDifference>();
  for (const goldenCase of golden.cases) {
    for (const own of await compareGolden(session, goldenCase, golden.tolerance)) {
      const before = largest.get(own.output);
      largest.set(own.output, {
        output: own.output,
        largestDifference: Math.max(own.largestDifference, before?.largestDifference ?? 0),
        withinTolerance: own.withinTolerance && (before?.withinTolerance ?? true),
      });
    }
  }
  return [...largest.values()];
}
