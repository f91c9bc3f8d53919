import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isMap, isScalar, type Node, parseAllDocuments, type Scalar, visit } from 'yaml';

import { type CheckContext, found, type Line, ok } from '../check.ts';

/** YAML 1.1 reads these as booleans, and so does kubectl; YAML 1.2, which we read with, does not. */
const BOOLEAN_WORD = /^(?:y|n|yes|no|on|off)$/i;

/** What is wrong with the manifest files as they are written, before they are rendered. */
export async function checkManifestFiles({ root }: CheckContext): Promise<readonly Line[]> {
  const files = readdirSync(join(root, 'knative'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.ya?ml$/.test(path))
    .map((path) => `knative/${path}`)
    .toSorted();
  const lines = files.flatMap((path) => fileTraps(path, readFileSync(join(root, path), 'utf8')));
  return lines.length === 0
    ? [ok(`${files.length} files: JSON 6902 patches only, no bare booleans`)]
    : lines;
}

/** The traps in one YAML file. One that does not parse has none: rendering says so. */
export function fileTraps(path: string, text: string): Line[] {
  return parseAllDocuments(text).flatMap((document) => {
    const { contents } = document;
    return contents === null
      ? []
      : [...booleanWords(path, contents, text), ...mergePatches(path, document.toJS() as unknown)];
  });
}

function booleanWords(path: string, node: Node, text: string): Line[] {
  const lines: Line[] = [];
  visit(node, {
    Scalar(_key, scalar) {
      if (isBooleanWord(scalar)) {
        const line = text.slice(0, scalar.range?.[0] ?? 0).split('\n').length;
        lines.push(found('YAML_BOOLEAN_WORD', `${path}:${line} ${scalar.source}`));
      }
    },
    // A patch is YAML inside YAML.
    Pair(_key, { key, value }) {
      if (isScalar(key) && key.value === 'patch' && isScalar(value)) {
        const inner = typeof value.value === 'string' ? value.value : '';
        const first = text.slice(0, value.range?.[0] ?? 0).split('\n').length;
        lines.push(...innerWords(`${path}:${first} patch`, inner));
      }
    },
  });
  return lines;
}

function innerWords(where: string, text: string): Line[] {
  const lines: Line[] = [];
  visit(parseAllDocuments(text)[0]?.contents ?? null, {
    Scalar(_key, scalar) {
      if (isBooleanWord(scalar)) {
        lines.push(found('YAML_BOOLEAN_WORD', `${where} ${scalar.source}`));
      }
    },
  });
  return lines;
}

function isBooleanWord(scalar: Scalar): boolean {
  return scalar.type === 'PLAIN' && BOOLEAN_WORD.test(scalar.source ?? '');
}

function mergePatches(path: string, value: unknown): Line[] {
  if (typeof value !== 'object' || value === null) return [];
  const { patches, patchesStrategicMerge } = value as Record<string, unknown>;
  const lines =
    patchesStrategicMerge === undefined
      ? []
      : [found('STRATEGIC_MERGE_PATCH', `${path}: patchesStrategicMerge`)];
  for (const [index, patch] of (Array.isArray(patches) ? patches : []).entries()) {
    // Those in files of their own are met when the overlay is rendered.
    const { patch: text } = patch as { patch?: unknown };
    if (typeof text === 'string' && isMap(parseAllDocuments(text)[0]?.contents)) {
      lines.push(found('STRATEGIC_MERGE_PATCH', `${path}: patches[${index}]`));
    }
  }
  return lines;
}
