import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { vi } from 'vitest';

import { readMemory } from '../../bench/cold/private-memory.ts';

/** Private memory at one moment of a soak, in MB (10⁶ bytes), as Linux counts it. */
export interface MemorySample {
  /** Requests sent so far. */
  readonly requests: number;
  /** The process that answers, after its garbage was collected. */
  readonly function_mb: number;
  /** Its worker processes together; they collect theirs every second. */
  readonly workers_mb: number;
}

/** Whether this system tells how much memory a process has to itself. */
export const TELLS_MEMORY = existsSync('/proc/self/smaps_rollup');

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'fixtures', 'memory-on-signal.mjs'));

/** The environment of a function whose memory is to be sampled; `file` gets its samples. */
export function memoryEnvironment(file: string): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${PRELOAD.href}`, SOAK_MEMORY_FILE: file };
}

/** The memory of a function and its workers now. Only one sample may be taken at a time. */
export async function sampleMemory(
  pid: number,
  file: string,
  requests: number,
): Promise<MemorySample> {
  const lines = async (): Promise<string[]> =>
    (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1);
  const before = (await lines()).length;
  process.kill(pid, 'SIGUSR2');
  const dirty = await vi.waitUntil(async () => (await lines())[before], { timeout: 30_000 });
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const pids = children.split(' ').filter((child) => child.trim() !== '');
  const workers = await Promise.all(pids.map((child) => readMemory(Number(child))));
  return {
    requests,
    function_mb: (Number(dirty) * 1024) / 1e6,
    workers_mb: workers.reduce((sum, one) => sum + (one?.private_dirty_mb ?? 0), 0),
  };
}

/** How fast a value grows with another: the slope of the least-squares line. */
export function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return covariance / variance;
}
