import { mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Puts the finished folder `work` in the place of `target`, whole. Whoever else does the same at the same
 * time wins or loses as a whole too.
 */
export async function swapFolder(work: string, target: string): Promise<void> {
  // A directory cannot be renamed over one with files in it: the old one steps aside first.
  const aside = await mkdtemp(join(dirname(target), `.old-${basename(target)}-`));
  try {
    for (;;) {
      await rename(target, join(aside, 'old')).catch(unless('ENOENT'));
      const placed = await rename(work, target).then(() => true, unless('ENOTEMPTY', 'EEXIST'));
      if (placed === true) return;
      // Somebody put theirs there in between: it steps aside in turn.
      await rm(join(aside, 'old'), { recursive: true, force: true });
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

function unless(...codes: readonly string[]): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error;
  };
}
