import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { FUNCTIONS } from '../functions/catalogue.ts';
import { type BuildFacts, buildFunction } from './build/build-function.ts';

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const known = Object.keys(FUNCTIONS);
  const strangers = args.filter((name) => !known.includes(name));
  if (strangers.length > 0) {
    process.stderr.write(
      `Usage: npm run build -- [function…]\n` +
        `Unknown: ${strangers.join(', ')}. Functions: ${known.join(', ')}\n`,
    );
    return 64;
  }
  try {
    // One after the other: each has a self-test that wants the machine for itself.
    for (const name of args.length > 0 ? args : known) await buildAndReport(name);
    return 0;
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    return 1;
  }
}

async function buildAndReport(name: string): Promise<void> {
  const startMs = performance.now();
  await buildFunction(name);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const text = await readFile(join(import.meta.dirname, '../dist', name, 'build.json'), 'utf8');
  const facts = JSON.parse(text) as BuildFacts;
  const kB = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;
  process.stdout.write(
    `dist/${name}: bundle ${kB(facts.bundle_bytes)}, code cache ${kB(facts.code_cache_bytes)}, ` +
      `${facts.packages.length} packages, Node ${facts.node} (${seconds} s)\n`,
  );
}
