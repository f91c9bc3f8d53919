import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type CheckContext, found, type Line, ok } from '../check.ts';
import { firstWords, runProgram } from '../program.ts';

const PACKAGED = 'node_modules/.bin/node';

/** Whether the Node of the packages is there and runs, and whether this process runs on such a one. */
export async function checkNode({ root, env, signal }: CheckContext): Promise<readonly Line[]> {
  const wanted = wantedVersion(root);
  return [runningNode(process.version, wanted), await packagedNode({ root, env, signal }, wanted)];
}

/** What the running Node is worth; `wanted` is the version of the packages. */
export function runningNode(running: string, wanted: string): Line {
  const [major] = wanted.split('.');
  return running.startsWith(`v${major}.`)
    ? ok(`running on Node ${running}`)
    : found('NODE_WRONG_VERSION', `${running}, wanted is ${wanted}`);
}

async function packagedNode({ root, env, signal }: CheckContext, wanted: string): Promise<Line> {
  const path = join(root, PACKAGED);
  if (!existsSync(path)) return found('NODE_PACKAGE_MISSING', PACKAGED);
  const result = await runProgram(path, ['--version'], { env, signal });
  if (result.code !== 0) {
    return found('NODE_PACKAGE_BROKEN', `${PACKAGED} --version: ${firstWords(result)}`);
  }
  const version = result.stdout.trim();
  return version === `v${wanted}`
    ? ok(`the packages’ Node runs: ${version}`)
    : found('NODE_PACKAGE_BROKEN', `it is ${version}, wanted is v${wanted}`);
}

/** scripts/node pins it, the same for every system. */
function wantedVersion(root: string): string {
  const text = readFileSync(join(root, 'scripts/node/package.json'), 'utf8');
  const { optionalDependencies } = JSON.parse(text) as {
    optionalDependencies: Record<string, string>;
  };
  return Object.values(optionalDependencies)[0] ?? '24';
}
