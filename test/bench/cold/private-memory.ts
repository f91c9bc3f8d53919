import { readFile } from 'node:fs/promises';

import { withChildren } from './cpu-time.ts';

/** Memory of one process, in MB (10⁶ bytes). */
export interface Memory {
  /** Pages that no other process has mapped, written or not: what one more replica costs at most. */
  readonly private_mb: number;
  /** Of those, what was written: nothing but a restart gives it back. */
  readonly private_dirty_mb: number;
  /** All pages in memory, shared ones (Node's and ONNX Runtime's files) included. */
  readonly rss_mb: number;
}

/** The memory of a process and its children now, as Linux counts it in `smaps_rollup`; undefined elsewhere. */
export async function readMemory(pid: number): Promise<Memory | undefined> {
  const texts = await Promise.all(
    (await withChildren(pid)).map((each) =>
      readFile(`/proc/${each}/smaps_rollup`, 'utf8').catch(() => undefined),
    ),
  );
  const all = texts.flatMap((text) => (text === undefined ? [] : [parseSmapsRollup(text)]));
  if (all.length === 0) return undefined;
  const sum = (of: keyof Memory): number =>
    Math.round(all.reduce((total, each) => total + each[of], 0) * 10) / 10;
  return {
    private_mb: sum('private_mb'),
    private_dirty_mb: sum('private_dirty_mb'),
    rss_mb: sum('rss_mb'),
  };
}

/** Reads the text of `/proc/<pid>/smaps_rollup`. */
export function parseSmapsRollup(text: string): Memory {
  const megabytes = (...fields: readonly string[]): number => {
    const kib = fields.map((field) =>
      Number(new RegExp(`^${field}: *(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN),
    );
    const sum = kib.reduce((total, each) => total + each, 0);
    return Math.round((sum * 1024) / 1e5) / 10;
  };
  return {
    private_mb: megabytes('Private_Clean', 'Private_Dirty', 'Private_Hugetlb'),
    private_dirty_mb: megabytes('Private_Dirty'),
    rss_mb: megabytes('Rss'),
  };
}
