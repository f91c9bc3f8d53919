import type { SourceModule } from './source-module.ts';

/** Fixtures are what they are; tests explain themselves by their names. */
const EXEMPT = /(\.test\.ts|\.config\.ts|^test\/(.*\/)?fixtures\/.*)$/;

/**
 * Every exported name without a doc comment before it, and every name that a file only passes on (a barrel:
 * import the file that defines the thing), as `file:line what is wrong`.
 */
export function exportFaults(modules: readonly SourceModule[]): string[] {
  return modules
    .filter(({ path }) => !EXEMPT.test(path))
    .flatMap(({ path, exports }) =>
      exports.flatMap(({ name, line, isDocumented, isPassedOn }) => {
        if (isPassedOn) return [`${path}:${line} passes on ${name}, which another file defines`];
        return isDocumented ? [] : [`${path}:${line} ${name} has no doc comment`];
      }),
    );
}
