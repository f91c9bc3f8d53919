import { ModelLoadError } from '../../../functions/runtime/errors.ts';
import { findPackages, modelFolders } from '../../models/package-folders.ts';
import { verifyModel } from '../../models/verify-model.ts';
import { type CheckContext, found, type Line, ok } from '../check.ts';

/** Folders of the model packages of the clone, and of those that `PILOTLIGHT_MODELS` adds. */
export async function packageFolders({
  root,
  env,
}: Pick<CheckContext, 'root' | 'env'>): Promise<string[]> {
  return (await findPackages(modelFolders(root, env))).map(({ dir }) => dir);
}

/** Whether each package of the clone is what its manifest says and reproduces its golden examples. */
export async function checkPackagesHere(context: CheckContext): Promise<readonly Line[]> {
  const lines: Line[] = [];
  // One after the other: a large model is in memory while it is verified.
  for (const folder of await packageFolders(context)) {
    lines.push(await packageLine(folder, context.signal));
  }
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
