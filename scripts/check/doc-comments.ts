import type { SourceModule } from './source-module.ts';

/** Tests explain themselves by their names. */
const EXEMPT = /(\.test\.ts|\.config\.ts|^test\/fixtures\/.*|^test\/.*\/fixtures\/.*)$/;

/** Every exported name without a doc comment before it, as `file:line name`. */
export function docCommentFaults(modules: readonly SourceModule[]): string[] {
  return modules
    .filter(({ path }) => !EXEMPT.test(path))
    .flatMap(({ path, exports }) =>
      exports
        .filter(({ isDocumented }) => !isDocumented)
        .map(({ name, line }) => `${path}:${line} ${name} has no doc comment`),
    );
}
