import { relative } from 'node:path';

import type { ModelManifest } from '../../models/loader/package-schema.ts';
import type { ImportedModel } from './import/import-model.ts';
import { textTable } from './text-table.ts';

/** What to tell people of a model that they have imported. */
export function importText(found: ImportedModel, cwd: string): string {
  const { dir, digest, manifest, rows, runMs, golden, unsteady } = found;
  const { name, version, execution, batch } = manifest;
  const together =
    batch === undefined || !rows.independent
      ? `one by one${rows.independent ? '' : `: ${rows.why}`}`
      : `run together, up to ${batch.max_rows} rows: each row's answer was the same alone and among others`;
  return [
    `${relative(cwd, dir) || dir}: ${name} version ${version}\n`,
    textTable(
      [
        ['digest', `sha256:${digest}`],
        ...tensorRows('input', manifest.inputs),
        ...tensorRows('output', manifest.outputs),
        ['requests', together],
        [
          'runs',
          `${execution === 'inline' ? 'in the server' : 'in a worker process'}, ${runMs.toFixed(2)} ms`,
        ],
        ['golden', golden.producer],
      ],
      '  ',
    ),
    ...unsteady.map((one) => `  "${one}" is different each time: it has no golden values\n`),
    `\`npm start\` serves it at http://localhost:8080/${name}/v2/models/${name}\n`,
  ].join('');
}

function tensorRows(kind: string, tensors: ModelManifest['inputs']): string[][] {
  return tensors.map(({ name, datatype, shape }) => [
    kind,
    `${name} ${datatype} [${shape.join(', ')}]`,
  ]);
}
