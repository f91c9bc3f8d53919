import { defineConfig } from 'vitest/config';

import { minioBinary } from './test/support/minio.ts';

const project = (name: string, timeoutMs: number, globalSetup: string[] = []) => ({
  test: {
    expect: { requireAssertions: true },
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    globalSetup,
  },
});

/** The rows of the failure table once more, over a real MinIO. */
const faultsOnMinio = {
  test: {
    ...project('faults', 120_000).test,
    name: 'faults-minio',
    include: ['test/faults/{jobs,uploads}/**/*.test.ts'],
    exclude: ['test/faults/jobs/random-faults.test.ts'],
    env: { FAULT_STORE: 'minio' },
  },
};
const hasMinio = minioBinary() !== undefined;

export default defineConfig({
  test: {
    projects: [
      project('unit', 10_000),
      project('integration', 60_000),
      project('docs', 120_000),
      project('faults', 120_000),
      ...(hasMinio ? [faultsOnMinio] : []),
      { test: { ...project('cluster', 900_000).test, fileParallelism: false } },
    ],
  },
});
