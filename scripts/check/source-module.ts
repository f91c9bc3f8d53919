import { dirname, posix } from 'node:path';

import { parseSync } from 'oxc-parser';

import type { CloneFile } from './clone-files.ts';

/** What one file of code imports and exports. */
export interface SourceModule {
  readonly path: string;
  readonly imports: readonly SourceImport[];
  readonly exports: readonly SourceExport[];
}

/** One import, static or dynamic, of values or of types only. */
export interface SourceImport {
  /** As written: `./errors.ts`, `zod`, `node:fs`. */
  readonly specifier: string;
  /** The file of this clone that is meant; undefined for packages and Node's own modules. */
  readonly target: string | undefined;
  readonly line: number;
}

/** One exported name. */
export interface SourceExport {
  readonly name: string;
  readonly isDocumented: boolean;
  /** True when another file defines it. */
  readonly isPassedOn: boolean;
  readonly line: number;
}

const CODE = /\.(ts|mjs|cjs)$/;

/** The files of code among `files`, parsed. */
export function parseModules(files: readonly CloneFile[]): SourceModule[] {
  return files.filter(({ path }) => CODE.test(path)).map(parseModule);
}

function parseModule({ path, text }: CloneFile): SourceModule {
  const { module, comments } = parseSync(path, text);
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  const requests = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest),
    ...module.staticExports.flatMap(({ entries }) => entries.map((entry) => entry.moduleRequest)),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
      start,
      value: literal(text.slice(start, end)),
    })),
  ].filter((request) => request !== null);
  const docEnds = comments
    .filter(({ type, value }) => type === 'Block' && value.startsWith('*'))
    .map(({ end }) => end);

  return {
    path,
    imports: requests.flatMap(({ value, start }) =>
      value === undefined
        ? []
        : [{ specifier: value, target: targetOf(path, value), line: lineOf(start) }],
    ),
    exports: module.staticExports.flatMap(({ start, entries }) => {
      const isDocumented = docEnds.some((end) => end <= start && isBlank(text.slice(end, start)));
      return entries.map(({ exportName, moduleRequest }) => ({
        name: exportName.name ?? (moduleRequest === null ? 'default' : '*'),
        isDocumented,
        isPassedOn: moduleRequest !== null,
        line: lineOf(start),
      }));
    }),
  };
}

/** Whether there is nothing but space and line comments: a linter's directive may stand in between. */
function isBlank(text: string): boolean {
  return text.replaceAll(/\/\/.*$/gm, '').trim() === '';
}

/** The string that a dynamic import names; undefined when it is computed. */
function literal(expression: string): string | undefined {
  return /^(['"])(.*)\1$/.exec(expression)?.[2];
}

function targetOf(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(dirname(path), specifier) : undefined;
}
