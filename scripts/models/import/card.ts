import { basename } from 'node:path';

import type { GoldenFile, ModelManifest } from '../../../models/loader/package-schema.ts';
import type { ModelFile } from './model-file.ts';

/** What a package says of an imported model to people: where it comes from, and what nobody has said. */
export function cardText(
  { name, description, licence }: Pick<ModelManifest, 'name' | 'description' | 'licence'>,
  { path, sha256, onnx }: ModelFile,
  { producer }: Pick<GoldenFile, 'producer'>,
): string {
  const opsets = [...onnx.opsets].map(([domain, version]) => `${domain || 'ai.onnx'} ${version}`);
  return [
    `# ${name}`,
    '',
    description,
    '',
    '| | |',
    '| --- | --- |',
    `| made of | ${basename(path)}, sha256 ${sha256} |`,
    `| exporter | ${onnx.producer || 'not stated'}, ${opsets.join(', ')} |`,
    `| parameters | ${onnx.parameters.toLocaleString('en')} |`,
    `| golden example | ${producer} |`,
    `| licence | ${licence} |`,
    '',
    'What it was trained on, how good it is and what it must not be used for: to be written by who made it.',
    '',
  ].join('\n');
}
