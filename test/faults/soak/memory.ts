import { readFile } from 'node:fs/promises';

import { readMemory } from '../../bench/cold/private-memory.ts';

/** Private memory at one moment of a soak, in MB: nothing but a restart gives it back. */
export interface MemorySample {
  /** Requests sent so far. */
  readonly requests: number;
  /** The process that answers. */
  readonly function_mb: number;
  /** Its worker processes together. */
  readonly workers_mb: number;
}

/** The memory of a process and its children now; undefined on systems that do not tell. */
export async function sampleMemory(
  pid: number,
  requests: number,
): Promise<MemorySample | undefined> {
  const own = await readMemory(pid);
  if (own === undefined) return undefined;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const pids = children.split(' ').filter((child) => child.trim() !== '');
  const theirs = await Promise.all(pids.map((child) => readMemory(Number(child))));
  return {
    requests,
    function_mb: own.private_dirty_mb,
    workers_mb: theirs.reduce((sum, one) => sum + (one?.private_dirty_mb ?? 0), 0),
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
