import type { Plugin } from 'esbuild';

/**
 * Leaves only one function in the catalogue of a bundle: the modules of the others, and with them their
 * packages, stay out. Asked for one of those, the bundle says so.
 * @param catalogue Absolute path of the module with one `import()` of `./<function>/index.ts` each.
 */
export function oneFunction(catalogue: string, name: string): Plugin {
  return {
    name: 'one-function',
    setup(build) {
      build.onResolve({ filter: /^\.\/[a-z0-9-]+\/index\.ts$/ }, ({ path, importer }) => {
        if (importer !== catalogue || path === `./${name}/index.ts`) return undefined;
        return { path, namespace: 'left-out' };
      });
      build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(`This bundle has no ${path}: it is only for ${name}`)})`,
        loader: 'js',
      }));
    },
  };
}
