import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { ColdReport } from './report-schema.ts';

const run = promisify(execFile);

const PACKAGES = [
  'onnxruntime-node',
  '@google-cloud/functions-framework',
  '@aws-sdk/client-s3',
  'zod',
];

/** What every report tells of the place and the code it was made with. */
export type Surroundings = Pick<ColdReport, 'commit' | 'started_at' | 'machine' | 'versions'>;

/** Looks at this machine and the clone in `root`. */
export async function readSurroundings(root: string): Promise<Surroundings> {
  return {
    commit: await commitOf(root),
    started_at: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cpus: cpus().length,
      memory_gb: Math.round(totalmem() / 1e8) / 10,
      system: `${type()} ${release()}`,
      load_average: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    },
    versions: await versionsOf(root),
  };
}

async function commitOf(root: string): Promise<string> {
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', ['-C', root, ...args])).stdout.trim();
  try {
    const dirty = (await git('status', '--porcelain')) === '' ? '' : '-dirty';
    return `${await git('rev-parse', '--short=12', 'HEAD')}${dirty}`;
  } catch {
    return 'no git clone';
  }
}

async function versionsOf(root: string): Promise<Record<string, string>> {
  const versions: Record<string, string> = { node: process.versions.node };
  for (const name of PACKAGES) {
    const text = await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8');
    versions[name] = (JSON.parse(text) as { version: string }).version;
  }
  const path = join(root, 'test/bench/peers/fastapi/requirements.txt');
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    const [name, version] = line.split('==');
    if (['fastapi', 'uvicorn', 'scikit-learn'].includes(name ?? '') && version !== undefined) {
      versions[name ?? ''] = version;
    }
  }
  return versions;
}
