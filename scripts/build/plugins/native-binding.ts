import type { Plugin } from 'esbuild';

import { sharpBinding } from '../sharp-libraries.ts';

const COMPUTED = '`../bin/napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`';

/** Where a bundle in `dist/<function>/` finds ONNX Runtime's binding. */
const BUNDLED = '../native/onnxruntime_binding.node';

/** Leaves the `require` of native bindings in the bundle as it is written. */
export function nativeBinding(): Plugin {
  return {
    name: 'native-binding',
    setup(build) {
      build.onResolve({ filter: /^\.\.\/native\/[@\w./-]+\.node$/ }, ({ path }) => ({
        path,
        external: true,
      }));
    },
  };
}

/**
 * Lets packages with native code load it from `dist/native/`; files of all others are returned as they are.
 * @throws {Error} When onnxruntime-node's own loader no longer looks as it did in 1.30.
 */
export function rewriteBindingPath(path: string, source: string): string {
  return isSharpLoader(path) ? sharpLoader() : rewriteOnnxRuntime(path, source);
}

/** sharp tries the bindings of fourteen platforms, which a bundler would all have to find. */
function isSharpLoader(path: string): boolean {
  return /[\\/]sharp[\\/]dist[\\/]sharp\.cjs$/.test(path);
}

function sharpLoader(): string {
  return `module.exports = require('../native/${sharpBinding()}');\n`;
}

/**
 * Lets onnxruntime-node load its binding from `dist/native/`: it picks the file by a computed path, which
 * no bundler can follow.
 */
function rewriteOnnxRuntime(path: string, source: string): string {
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
