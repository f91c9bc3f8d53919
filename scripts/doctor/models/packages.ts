import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { ModelLoadError } from '../../../functions/runtime/errors.ts';
import { MANIFEST_FILE } from '../../../models/loader/package-schema.ts';
import { verifyModel } from '../../models/verify-model.ts';
import { type CheckContext, found, type Line, ok } from '../check.ts';

/** Folders of the model packages below `models`. */
export async function packageFolders(root: string): Promise<string[]> {
  const models = join(root, 'models');
  const names = await readdir(models).catch((): string[] => []);
  return names
    .toSorted()
    .map((name) => join(models, name))
    .filter((folder) => existsSync(join(folder, MANIFEST_FILE)));
}

/** Whether each package of the clone is what its manifest says and reproduces its golden examples. */
export async function checkPackagesHere({ root, signal }: CheckContext): Promise<readonly Line[]> {
  const lines: Line[] = [];
  // One after the other: a large model is in memory while it is verified.
  for (const folder of await packageFolders(root)) lines.push(await packageLine(folder, signal));
  return lines.length === 0 ? [ok('no model packages in this clone')] : lines;
}

async function packageLine(folder: string, signal: AbortSignal): Promise<Line> {
  const openStore = (): never => {
    throw new TypeError('A folder needs no store');
  };
  try {
    const { manifest, passed } = await verifyModel({ uri: `file:${folder}`, openStore, signal });
    const name = `${manifest.name} ${manifest.version}`;
    return passed
      ? ok(`${name}: every byte as in model.json, golden examples reproduced`)
      : found('MODEL_PACKAGE_BROKEN', `${name}: a golden example is not reproduced`);
  } catch (cause) {
    if (!(cause instanceof ModelLoadError)) throw cause;
    return found('MODEL_PACKAGE_BROKEN', cause.message);
  }
}
