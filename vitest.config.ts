import { defineConfig } from 'vitest/config';

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

export default defineConfig({
  test: {
    projects: [
      project('unit', 10_000),
      project('integration', 60_000),
      project('docs', 120_000),
      project('faults', 120_000),
      { test: { ...project('cluster', 900_000).test, fileParallelism: false } },
    ],
  },
});
