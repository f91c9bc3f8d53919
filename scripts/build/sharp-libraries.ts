import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** A library to put below `dist/native/`. */
export interface NativeLibrary {
  /** Absolute. */
  readonly from: string;
  /** Relative to `dist/native/`. */
  readonly to: string;
}

/**
 * sharp's libraries for this platform: the binding, and libvips, which the binding looks for in the folder
 * beside its own. Those of other platforms stay out, even if npm was told to install them.
 * @throws {Error} When the package for this platform is not installed.
 */
export function sharpLibraries(): NativeLibrary[] {
  const platform = `${process.platform}${libc()}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve('sharp'));
  const binding = dirname(require.resolve(`@img/sharp-${platform}/sharp.node`));
  const libvips = join(dirname(binding), `sharp-libvips-${platform}`);
  // On Windows, libvips lies beside the binding.
  return process.platform === 'win32'
    ? librariesIn(binding)
    : [binding, libvips].flatMap(librariesIn);
}

/** The binding's path below `dist/native/`, with slashes. */
export function sharpBinding(): string {
  const binding = sharpLibraries().find(({ to }) => to.endsWith('.node'));
  if (binding === undefined) throw new Error('The installed sharp has no binding');
  return binding.to.replaceAll('\\', '/');
}

/** musl's packages are named for it, glibc's are not. */
function libc(): string {
  if (process.platform !== 'linux') return '';
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined ? 'musl' : '';
}

function librariesIn(folder: string): NativeLibrary[] {
  const lib = join(folder, 'lib');
  return readdirSync(lib)
    .filter((file) => /\.(node|so|dylib|dll)(\.|$)/.test(file))
    .map((file) => ({ from: join(lib, file), to: join('sharp', basename(folder), 'lib', file) }));
}
