import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { FieldEffect } from '../../knative/local/manifests/effects.ts';
import type { StandInStatus } from '../../knative/local/status.ts';

/** What `npm start` prints once it can serve. The first words of the lines are a contract with scripts. */
export async function startupLines(
  status: StandInStatus,
  functionsDir: string,
  isWatching = false,
): Promise<string> {
  const example = await firstExample(status, functionsDir);
  return [
    '',
    'Pilotlight, a development stand-in on this machine; clusters run real Knative.',
    '',
    `router ${status.router}`,
    ...status.brokers.map(({ url }) => `broker ${url}`),
    `s3 ${status.s3.endpoint}`,
    '',
    ...(example === undefined ? [] : ['Try:', `  ${example}`, '']),
    ...(isWatching
      ? ['Watching code, models and manifests: what changes becomes a new revision.']
      : []),
    `Services, processes, S3 keys: ${status.router}/_local    Stop: Ctrl-C`,
    '',
    '',
  ].join('\n');
}

/** A picture in base64 would fill the screen. */
const MAX_EXAMPLE_LENGTH = 300;

/** A request that works, for the first Service whose function has a sample of a line or two. */
async function firstExample(
  status: StandInStatus,
  functionsDir: string,
): Promise<string | undefined> {
  for (const { name, url } of status.services) {
    const sample = await readFile(join(functionsDir, name, 'sample.json'), 'utf8').catch(
      () => undefined,
    );
    if (sample === undefined) continue;
    const body = JSON.stringify(JSON.parse(sample)).replaceAll("'", String.raw`'\''`);
    const example = `curl -s ${url}/predict -H 'content-type: application/json' -d '${body}'`;
    if (example.length <= MAX_EXAMPLE_LENGTH) return example;
  }
  return undefined;
}

/** What the fields of one object do here. */
export interface ObjectEffects {
  readonly object: string;
  readonly effects: readonly FieldEffect[];
}

/** The table of `npm start -- --explain`: every manifest field in use, and what it does here. */
export function effectsTable(readings: readonly ObjectEffects[]): string {
  const rows = new Map<string, { field: string; kind: string; note: string; objects: string[] }>();
  for (const { object, effects } of readings) {
    for (const { field, kind, note } of effects) {
      // Fields of one name do different things in objects of different kinds.
      const key = `${field} ${note}`;
      const row = rows.get(key) ?? { field, kind, note, objects: [] };
      if (!row.objects.includes(object)) row.objects.push(object);
      rows.set(key, row);
    }
  }
  const sorted = [...rows.values()].toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
  const width = (pick: (row: (typeof sorted)[number]) => string): number =>
    Math.max(...sorted.map((row) => pick(row).length));
  const [fieldWidth, kindWidth] = [width(({ field }) => field), width(({ kind }) => kind)];
  const lines = sorted.map(
    ({ field, kind, note, objects }) =>
      `${field.padEnd(fieldWidth)}  ${kind.padEnd(kindWidth)}  ${note} (${objects.join(', ')})`,
  );
  return `${lines.join('\n')}\n\nEvery other field is refused by name when the manifests are read.\n`;
}
