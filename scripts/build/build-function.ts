import { globSync } from 'node:fs';
import { chmod, copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Metafile, version as esbuildVersion } from 'esbuild';

import { FUNCTIONS } from '../../functions/catalogue.ts';
import { GENERIC_FUNCTION } from '../../models/loader/package-schema.ts';
import { bundle } from './bundle.ts';
import { requireAccepted } from './code-cache.ts';
import { hashInputs, INPUTS_FILE, isFresh } from './freshness.ts';
import { placeNativeLibraries } from './native.ts';
import { NODE_FLAGS } from './node-flags.ts';
import { jsonEntry } from './plugins/json-entry.ts';
import { oneFunction } from './plugins/one-function.ts';
import { packageOf } from './plugins/package-of.ts';
import { pageAssets, pageSources } from './plugins/page-assets.ts';
import type { Part } from './plugins/set-apart.ts';
import { selfTest } from './self-test.ts';
import { swapFolder } from './swap-folder.ts';

const ROOT = join(import.meta.dirname, '../..');

/** No file that a first prediction does not need: even code that never runs is read and kept in memory. */
const PARTS = [
  { file: 'aws-sdk.cjs', entry: join(ROOT, 'functions/runtime/object-store/sdk.ts') },
  { file: 'events.cjs', entry: join(ROOT, 'events/inference.ts') },
  { file: 'lru-cache.cjs', entry: 'lru-cache' },
  {
    file: 'page.cjs',
    entry: join(ROOT, 'functions/serving/protocols/page/page.ts'),
    plugins: [pageAssets()],
  },
  { file: 'prom-client.cjs', entry: 'prom-client' },
  { file: 'scoring.cjs', entry: join(ROOT, 'functions/scoring/open-scoring.ts') },
  { file: 'redis-client.cjs', entry: '@redis/client' },
];

/** The parts have no copies of these: their classes are compared. */
const SHARED = [
  join(ROOT, 'functions/runtime/errors.ts'),
  join(ROOT, 'functions/runtime/object-store/errors.ts'),
];

/** How to start a built function. */
export interface StartCommand {
  readonly command: string;
  /** Flags of Node, then its `boot.cjs`. */
  readonly args: string[];
}

/** What `build.json` says of a built function. */
export interface BuildFacts {
  readonly function: string;
  /** Of the process that made it: V8 takes the code cache from the same version only. */
  readonly node: string;
  readonly esbuild: string;
  /** Of `main.cjs`, which every start reads. */
  readonly bundle_bytes: number;
  readonly code_cache_bytes: number;
  /** `name@version` of every package with code in one of the files, whether it ever runs or not. */
  readonly packages: readonly string[];
}

const pending = new Map<string, Promise<StartCommand>>();

/**
 * Builds `dist/<name>/` when something that it was made from has changed, and says how to start it.
 * Calls and processes may do so at once; half a build is never seen.
 * @throws {Error} When the bundle cannot be made, or fails its self-test.
 */
export function buildFunction(name: string): Promise<StartCommand> {
  const started = pending.get(name) ?? build(name).finally(() => pending.delete(name));
  pending.set(name, started);
  return started;
}

async function build(name: string): Promise<StartCommand> {
  const dist = join(ROOT, 'dist');
  const target = join(dist, name);
  const start = { command: process.execPath, args: [...NODE_FLAGS, join(target, 'boot.cjs')] };
  await placeNativeLibraries(dist);
  await copyFile(join(import.meta.dirname, 'dispatch.cjs'), join(dist, 'boot.cjs'));
  if (await isFresh(ROOT, target, process.version)) return start;

  // Beside the target: the bundle finds `../native`, and one rename puts it in place.
  const work = await mkdtemp(join(dist, `.${name}-`));
  try {
    await make(name, work);
    // mkdtemp makes it for its owner only; in the image, root builds and somebody else runs.
    await chmod(work, 0o755);
    await swapFolder(work, target);
    return start;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function make(name: string, dir: string): Promise<void> {
  const kind = FUNCTIONS[name] ?? 'model';
  // Any package proves the function that serves them all; it has no typed requests to send.
  const isGeneric = name === GENERIC_FUNCTION;
  const model = join(ROOT, 'models', isGeneric || kind === 'routes' ? 'iris' : name);
  const sample =
    isGeneric || kind === 'routes' ? undefined : join(ROOT, 'functions', name, 'sample.json');
  const metafile = await bundle({
    root: ROOT,
    entry: join(ROOT, 'functions/main.ts'),
    outDir: dir,
    programs: { 'session-process': join(ROOT, 'models/loader/worker/session-process.ts') },
    plugins: [oneFunction(join(ROOT, 'functions/catalogue.ts'), name)],
    parts: [...PARTS, ...(sample === undefined ? [] : [samplePart(sample)])],
    shared: SHARED,
  });
  await copyFile(join(import.meta.dirname, 'boot.cjs'), join(dir, 'boot.cjs'));
  await selfTest({ name, kind, dir, model, sample });
  await requireAccepted(dir);

  const sources = [
    ...bundledFiles(metafile),
    ...globSync('**/*.{ts,cjs}', { cwd: import.meta.dirname }).map((path) =>
      join(import.meta.dirname, path),
    ),
    ...pageSources(),
    join(ROOT, 'package-lock.json'),
    join(model, 'model.json'),
    ...(sample === undefined ? [] : [sample]),
  ];
  const inputs = await hashInputs(ROOT, sources);
  await writeFile(join(dir, INPUTS_FILE), JSON.stringify(inputs));
  const facts = await factsOf(name, dir, metafile);
  await writeFile(join(dir, 'build.json'), `${JSON.stringify(facts, undefined, 2)}\n`);
}

async function factsOf(name: string, dir: string, metafile: Metafile): Promise<BuildFacts> {
  const packaged = bundledFiles(metafile).filter((path) => path.includes('node_modules'));
  const packages = packaged.map(packageOf);
  return {
    function: name,
    node: process.version,
    esbuild: esbuildVersion,
    bundle_bytes: (await stat(join(dir, 'main.cjs'))).size,
    code_cache_bytes: (await stat(join(dir, 'main.cjs.cache'))).size,
    packages: [...new Set(packages.map((one) => `${one.name}@${one.version}`))].toSorted(),
  };
}

/** Absolute paths of the files with code in the bundle; `disabled:` and made-up ones are none. */
function bundledFiles(metafile: Metafile): string[] {
  const outputs = Object.values(metafile.outputs);
  const paths = outputs.flatMap(({ inputs }) => Object.keys(inputs));
  return [...new Set(paths)].filter((path) => !path.includes(':')).map((path) => join(ROOT, path));
}

/** Where a function loads its sample only when somebody asks for it, it stays out of `main.cjs`. */
function samplePart(entry: string): Part {
  return { file: 'sample.cjs', entry, onlyLazy: true, plugins: [jsonEntry(entry)] };
}
