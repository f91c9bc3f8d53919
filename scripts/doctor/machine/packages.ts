import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type CheckContext, found, type Line, ok } from '../check.ts';

interface LockedPackage {
  readonly version?: string;
  readonly optional?: boolean;
  readonly link?: boolean;
}

const SHOWN = 5;

/**
 * Whether each package of the lock file lies in node_modules in its version. It looks at the packages
 * themselves: npm's own account, which `npm run` goes by, does not know of files that somebody removed.
 */
export async function checkPackages({ root }: CheckContext): Promise<readonly Line[]> {
  if (!existsSync(join(root, 'node_modules'))) {
    return [found('PACKAGES_NOT_INSTALLED', 'there is no folder node_modules')];
  }
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const wanted = Object.entries(lock.packages).filter(([path]) => path.startsWith('node_modules/'));
  const faults = wanted.flatMap(([path, entry]) => faultOf(root, path, entry) ?? []);
  if (faults.length === 0) return [ok('as in package-lock.json')];
  const more = faults.length > SHOWN ? `, and ${faults.length - SHOWN} more` : '';
  return [found('PACKAGES_OUT_OF_STEP', `${faults.slice(0, SHOWN).join(', ')}${more}`)];
}

function faultOf(
  root: string,
  path: string,
  { version, optional, link }: LockedPackage,
): string | undefined {
  const name = path.replace('node_modules/', '');
  const installed = installedVersion(join(root, path, 'package.json'));
  // Optional packages are for other systems too.
  if (installed === undefined) return optional === true ? undefined : `${name} is missing`;
  return link === true || installed === version
    ? undefined
    : `${name} is ${installed}, wanted is ${version}`;
}

function installedVersion(manifest: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
  } catch {
    return undefined;
  }
}
