import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { measureCold } from '../cold/measure-cold.ts';
import { prepareOursAndFloor } from '../contestants/contestants.ts';
import { readQuestions } from '../contestants/question.ts';
import { largeRatios } from '../report/ratios.ts';
import { largeReport } from '../report/report-schema.ts';
import type { LargeReport } from '../report/report-schema.ts';
import { readSurroundings } from '../report/surroundings.ts';
import type { RunOptions } from '../run-bench.ts';
import { startCountingStore } from '../store/counting-store.ts';
import { LARGE_MODELS, makePackage } from './make-package.ts';
import type { LargeModel } from './make-package.ts';

/**
 * Measures cold starts with large graphs, which are made for it, against the floor.
 * @param options `models`, default {@link LARGE_MODELS}.
 * @throws {Error} When an answer is wrong, or a contestant is not what it claims to be.
 */
export async function benchLarge(
  options: Omit<RunOptions, 'model'> & { readonly models?: readonly LargeModel[] },
): Promise<LargeReport> {
  const surroundings = await readSurroundings(options.root);
  const models: LargeReport['models'] = [];
  for (const model of options.models ?? LARGE_MODELS) models.push(await measureOne(options, model));
  return largeReport.parse({
    schema: 'pilotlight.bench.v1',
    kind: 'large',
    command: options.command,
    runs: options.runs,
    ...surroundings,
    ratios: largeRatios(models),
    models,
  } satisfies LargeReport);
}

async function measureOne(
  { root, runs, onProgress }: RunOptions,
  model: LargeModel,
): Promise<LargeReport['models'][number]> {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-large-'));
  try {
    onProgress(`making a graph of ${model.megabytes} MB`);
    await makePackage(dir, model);
    const store = await startCountingStore(dir);
    try {
      const { settings: s3, modelUri } = store;
      const contestants = await measureCold({
        runs,
        onProgress,
        store,
        contestants: await prepareOursAndFloor({ root, model: 'iris', s3, modelUri }),
        questions: await readQuestions(dir),
      });
      return {
        graph_mb: Math.round((await stat(join(dir, 'model.onnx'))).size / 1e5) / 10,
        contestants: contestants.flatMap((each) => ('absent' in each ? [] : [each])),
      };
    } finally {
      await store.stop();
    }
  } finally {
    await rm(dir, { recursive: true });
  }
}
