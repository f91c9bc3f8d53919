import { expect, it } from 'vitest';

import { defaultWorkers } from '../../../../../models/loader/worker/worker-count.ts';

const [MIB, GIB] = [2 ** 20, 2 ** 30];

it.each([
  ['one per CPU', 14 * MIB, 1, 4, 8 * GIB, 4],
  ['one per the CPUs of a run', 14 * MIB, 2, 4, 8 * GIB, 2],
  ['whole ones', 14 * MIB, 2, 3, 8 * GIB, 1],
  ['at least one', 14 * MIB, 4, 2, GIB, 1],
  ['no more than half of the memory holds', 150 * MIB, 1, 8, 2 * GIB, 2],
  ['one where not even one fits', 4 * GIB, 1, 8, GIB, 1],
  ['eight at most', MIB, 1, 64, 256 * GIB, 8],
])('is %s', (_what, modelBytes, threads, cpus, memoryBytes, expected) => {
  expect(defaultWorkers(modelBytes, threads, { cpus, memoryBytes })).toBe(expected);
});
