import { watch, type FSWatcher } from 'node:fs';

/** Editors write a file in several steps, and several files at once; this long must be quiet. */
const QUIET_MS = 150;

/** Calls `onChange` after something below one of `folders` changed and nothing has for a moment. */
export function watchFolders(folders: readonly string[], onChange: () => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onChange, QUIET_MS);
  };
  const watchers: FSWatcher[] = folders.map((folder) => {
    const watcher = watch(folder, { recursive: true }, changed);
    // A folder that vanishes while it is being looked at; the others are still watched.
    watcher.on('error', changed);
    return watcher;
  });
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
