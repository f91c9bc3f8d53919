import { createRequire } from 'node:module';

import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

import { asyncEntry } from './plugins/async-entry.ts';
import { nativeBinding } from './plugins/native-binding.ts';
import { PACKAGE_RECORDER, packageFiles } from './plugins/package-files.ts';
import { shareModules, takeModules } from './plugins/share-modules.ts';
import { type Part, setApart } from './plugins/set-apart.ts';

/** Its CommonJS: the other variant asks for `import.meta`, which a bundle of this format has not. */
const SHARP = createRequire(import.meta.url).resolve('sharp');

/** What to bundle, and where to. */
export interface BundleOptions {
  /** The folder that paths in the answer are relative to. */
  readonly root: string;
  /** The module that runs, absolute. */
  readonly entry: string;
  /** The folder that gets `main.cjs`, the parts that it needs, and their source maps. */
  readonly outDir: string;
  /** Programs that the module starts as processes: name of their bundle without `.cjs` to module, absolute. */
  readonly programs?: Readonly<Record<string, string>>;
  /** What stays out of `main.cjs`. @default none */
  readonly parts?: readonly Part[];
  /** Modules that the parts take from `main.cjs`, absolute. @default none */
  readonly shared?: readonly string[];
  /** Plugins that go before the others. */
  readonly plugins?: readonly Plugin[];
  /** Let packages say that they are loaded. @default true */
  readonly recordPackages?: boolean;
}

/**
 * Bundles a program for the Node that the image runs: `main.cjs`, and one more file for each part that it
 * imports somewhere. Returns what went in. Every choice below was measured on the cold start of a function.
 */
export async function bundle(options: BundleOptions): Promise<Metafile> {
  const { entry, programs = {}, parts = [], shared = [], plugins = [] } = options;
  const main = await bundleFile(options, 'main.cjs', entry, [
    ...plugins,
    asyncEntry(entry),
    setApart(parts),
    shareModules(shared),
  ]);
  const imported = Object.values(main.outputs).flatMap(({ imports }) => imports);
  const wanted = parts.filter(({ file }) => imported.some(({ path }) => path === `./${file}`));
  const others = await Promise.all([
    ...wanted.map(({ file, entry: from, plugins: own = [] }) =>
      bundleFile(options, file, from, [...own, takeModules(shared)]),
    ),
    ...Object.entries(programs).map(([name, from]) => bundleFile(options, `${name}.cjs`, from, [])),
  ]);
  const all = [main, ...others];
  return {
    inputs: Object.assign({}, ...all.map(({ inputs }) => inputs)) as Metafile['inputs'],
    outputs: Object.assign({}, ...all.map(({ outputs }) => outputs)) as Metafile['outputs'],
  };
}

async function bundleFile(
  { root, outDir, recordPackages = true }: BundleOptions,
  file: string,
  entry: string,
  plugins: readonly Plugin[],
): Promise<Metafile> {
  const { metafile } = await build({
    ...SETTINGS,
    absWorkingDir: root,
    entryPoints: { [file.replace(/\.cjs$/, '')]: entry },
    outdir: outDir,
    ...(recordPackages ? { banner: { js: PACKAGE_RECORDER } } : {}),
    plugins: [...plugins, nativeBinding(), packageFiles({ record: recordPackages })],
  });
  return metafile;
}

const SETTINGS = {
  bundle: true,
  outExtension: { '.js': '.cjs' },
  platform: 'node',
  // As ESM, `import 'node:http'` alone costs 27 ms: it evaluates the lazy WebSocket getters.
  format: 'cjs',
  target: 'node24',
  // The SDK's CommonJS cannot be tree-shaken: 1.4 MB instead of 0.4 MB.
  mainFields: ['module', 'main'],
  // `import()` becomes a lazy call inside the bundle. A real one would load ESM at run time, and throws
  // under vm.Script.
  supported: { 'dynamic-import': false },
  alias: { sharp: SHARP },
  // Where a module looks for its neighbours, the bundle has its own.
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  // Names stay, for stack traces.
  minifySyntax: true,
  minifyWhitespace: true,
  charset: 'ascii',
  legalComments: 'none',
  sourcemap: 'external',
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;
