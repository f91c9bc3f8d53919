import type { CloneFile } from './clone-files.ts';

interface Stray {
  readonly pattern: RegExp;
  readonly what: string;
  /** Files that may. */
  readonly except?: RegExp;
}

/** What must not stand in a file of the clone. */
const STRAYS: readonly Stray[] = [
  {
    pattern: /(?<![\w.~-])\/(?:home|Users|root)\/(?!me\b|you\b)[\w.-]+/,
    what: 'the path of somebody’s home folder',
    // The homes of an image are the same everywhere.
    except: /Dockerfile$/,
  },
  { pattern: /^(?:<{7}|>{7}|={7})(?: |$)/, what: 'a mark of a merge conflict' },
];

/** Every place of `files` that names one machine or was left by a merge, as `file:line what`. */
export function strayTextFaults(files: readonly CloneFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        STRAYS.filter(
          ({ pattern, except }) => pattern.test(line) && except?.test(path) !== true,
        ).map(({ what }) => `${path}:${index + 1} has ${what}`),
      ),
  );
}
