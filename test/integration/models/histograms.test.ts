import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { modelManifest } from '../../../models/loader/package-schema.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');
const SHARED = join(ROOT, 'models/shared/train');
const hasPython = await run('python3', ['--version']).then(
  () => true,
  () => false,
);
if (!hasPython)
  console.warn('No python3 found: the histograms of training scripts are not tested.');

/** What an expression of histograms.py gives; or its last line of complaint. */
async function histograms(expression: string): Promise<unknown> {
  const program = `import json; from histograms import *; print(json.dumps(${expression}))`;
  return run('python3', ['-B', '-c', program], {
    env: { ...process.env, PYTHONPATH: SHARED },
  }).then(
    ({ stdout }) => JSON.parse(stdout) as unknown,
    ({ stderr }: { stderr: string }) => stderr.trim().split('\n').at(-1),
  );
}

describe.skipIf(!hasPython)('models/shared/train/histograms.py', () => {
  it.each<[string, string, unknown]>([
    [
      'counts a value on an edge upwards, and all that lies outside at the ends',
      'numeric("x", [-9, 0.9, 1, 1.5, 2, 99], [1, 2])',
      { name: 'x', edges: [1, 2], proportions: [0.333333, 0.333333, 0.333333] },
    ],
    [
      'takes no edges as one bin',
      'numeric("x", [4], [])',
      { name: 'x', edges: [], proportions: [1] },
    ],
    [
      'refuses edges that do not rise',
      'numeric("x", [1], [2, 2])',
      'ValueError: x: edges must rise: [2, 2]',
    ],
    [
      'refuses what is no number',
      'numeric("x", [float("nan")], [1])',
      'ValueError: x: a value is not a number',
    ],
    ['refuses no values', 'numeric("x", [], [1])', 'ValueError: x: no values'],
    [
      'keeps the order of categories, and those that nobody had',
      'categorical("y", ["b", "b", "a", "b"], ["c", "b", "a"])',
      { name: 'y', categories: ['c', 'b', 'a'], proportions: [0, 0.75, 0.25] },
    ],
    [
      'refuses a stranger',
      'categorical("y", ["d"], ["a"])',
      "ValueError: y: no such category: ['d']",
    ],
    ['cuts quantiles at values', 'quantile_edges(range(1, 11), 5)', [3, 5, 7, 9]],
    ['makes fewer bins where values repeat', 'quantile_edges([1, 1, 1, 1, 1, 2, 3, 3, 3], 4)', [3]],
    ['makes one bin of one value', 'quantile_edges([7, 7, 7], 4)', []],
    [
      'refuses one name for two histograms',
      'training_baseline(1, [numeric("x", [1], [])], [categorical("x", ["a"], ["a"])])',
      "ValueError: two histograms have one name: ['x', 'x']",
    ],
  ])('%s', async (_, expression, expected) => {
    expect(await histograms(expression)).toEqual(expected);
  });
});

describe('the training baseline of every package', () => {
  const packages = globSync('models/*/model.json', { cwd: ROOT });

  it.each(packages)('%s: edges rise, and every histogram adds up to 1', (path) => {
    const { training_baseline: baseline, labels } = modelManifest.parse(
      JSON.parse(readFileSync(join(ROOT, path), 'utf8')),
    );

    expect(baseline?.features.length).toBeGreaterThan(0);
    expect(baseline?.predictions.length).toBeGreaterThan(0);
    for (const one of [...(baseline?.features ?? []), ...(baseline?.predictions ?? [])]) {
      const sum = one.proportions.reduce((total, share) => total + share, 0);
      expect(sum).toBeCloseTo(1, 4);
      const { edges = [], categories } = one;
      expect(edges).toEqual(edges.toSorted((a, b) => a - b));
      expect(new Set(edges).size).toBe(edges.length);
      expect(one.proportions).toHaveLength(categories?.length ?? edges.length + 1);
    }
    const ofClasses = baseline?.predictions.some(({ categories }) => categories !== undefined);
    expect(labels !== undefined).toBe(ofClasses);
  });
});
