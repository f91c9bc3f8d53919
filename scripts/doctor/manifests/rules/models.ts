import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { found, type Line } from '../../check.ts';
import type { RenderedService } from '../read-overlays.ts';

/** Models of the shared tenant, named by a Service, that the clone does not have in that version. */
export function modelTraps(root: string, { where, env }: RenderedService): Line[] {
  const uri = env.get('MODEL_URI') ?? '';
  const [, name = '', version = ''] = /^s3:\/\/models\/_shared\/([^/]+)\/(\d+)$/.exec(uri) ?? [];
  if (name === '') return [];
  const here = versionHere(root, name);
  if (here === Number(version)) return [];
  const text = here === undefined ? `there is no models/${name}` : `models/${name} is ${here}`;
  return [found('MODEL_UNKNOWN', `${where}: ${uri}, and ${text}`)];
}

function versionHere(root: string, name: string): number | undefined {
  try {
    const text = readFileSync(join(root, 'models', name, 'model.json'), 'utf8');
    return (JSON.parse(text) as { version: number }).version;
  } catch {
    return undefined;
  }
}
