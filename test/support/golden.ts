import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { goldenFile } from '../../models/loader/package-schema.ts';
import type { GoldenFile } from '../../models/loader/package-schema.ts';
import { IRIS_FOLDER } from './package-fixture.ts';

/** One row of iris' golden file, as `/predict` takes and answers it. */
export interface GoldenRow {
  readonly instance: Readonly<Record<string, number>>;
  readonly prediction: {
    readonly prediction: string;
    readonly confidence: number;
    readonly probabilities: Readonly<Record<string, number>>;
  };
}

/** The golden file of iris: scikit-learn's own answers. */
export function readGolden(): GoldenFile {
  return goldenFile.parse(JSON.parse(readFileSync(join(IRIS_FOLDER, 'golden.json'), 'utf8')));
}

/** The rows of all cases that have the typed form. */
export function goldenRows({ cases }: GoldenFile): GoldenRow[] {
  return cases.flatMap(({ instances = [], predictions = [] }) =>
    instances.map(
      (instance, row) => ({ instance, prediction: predictions[row] }) as unknown as GoldenRow,
    ),
  );
}
