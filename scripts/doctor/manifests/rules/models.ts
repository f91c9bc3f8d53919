import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { found, type Line } from '../../check.ts';
import type { RenderedService } from '../read-overlays.ts';

/** Models of the shared tenant, named by a Service, that the clone does not have in that version. */
export function modelTraps(folders: readonly string[], { where, env }: RenderedService): Line[] {
  const uri = env.get('MODEL_URI') ?? '';
  const [, name = '', version = ''] = /^s3:\/\/models\/_shared\/([^/]+)\/(\d+)$/.exec(uri) ?? [];
  if (name === '') return [];
  const here = versionHere(folders, name);
  if (here === Number(version)) return [];
  const text = here === undefined ? `there is no models/${name}` : `models/${name} is ${here}`;
  return [found('MODEL_UNKNOWN', `${where}: ${uri}, and ${text}`)];
}

function versionHere(folders: readonly string[], name: string): number | undefined {
  for (const folder of folders) {
    try {
      const text = readFileSync(join(folder, name, 'model.json'), 'utf8');
      return (JSON.parse(text) as { version: number }).version;
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}
