import type { Plugin } from 'esbuild';

const COMPUTED = '`../bin/napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`';

/** Where a bundle in `dist/<function>/` finds ONNX Runtime's binding. */
const BUNDLED = '../native/onnxruntime_binding.node';

/** Leaves the `require` of the native binding in the bundle as it is written. */
export function nativeBinding(): Plugin {
  return {
    name: 'native-binding',
    setup(build) {
      build.onResolve({ filter: /^\.\.\/native\/[a-z_]+\.node$/ }, ({ path }) => ({
        path,
        external: true,
      }));
    },
  };
}

/**
 * Lets onnxruntime-node load its binding from `dist/native/`: it picks the file by a computed path, which
 * no bundler can follow. Other files are returned as they are.
 * @throws {Error} When onnxruntime-node's own loader no longer looks as it did in 1.30.
 */
export function rewriteBindingPath(path: string, source: string): string {
  if (!/[\\/]onnxruntime-node[\\/]dist[\\/]binding\.js$/.test(path)) return source;
  const [before, after, ...more] = source.split(COMPUTED);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(
      `Cannot bundle onnxruntime-node: ${path} does not load its binding as version 1.30 does. ` +
        'Adapt scripts/build/plugins/native-binding.ts',
    );
  }
  return `${before}'${BUNDLED}'${after}`;
}
