import { readdirSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/** Editors write a file in several steps, and several files at once; this long must be quiet. */
const QUIET_MS = 150;

/** Calls `onChange` after something below one of `folders` changed and nothing has for a moment. */
export function watchFolders(folders: readonly string[], onChange: () => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onChange, QUIET_MS);
  };
  const watchers = folders.map((folder) =>
    process.platform === 'linux' ? new FolderWatcher(folder, changed) : watchAll(folder, changed),
  );
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function watchAll(folder: string, changed: () => void): FSWatcher {
  const watcher = watch(folder, { recursive: true }, changed);
  // A folder that vanishes while it is being looked at; the others are still watched.
  watcher.on('error', changed);
  return watcher;
}

/**
 * A folder and all below it, one watch for each folder. On Linux Node's own recursive watch has one for each
 * file, which sees nothing more of a file once another was renamed over it, as many editors and git do.
 */
class FolderWatcher {
  readonly #watcher: FSWatcher;
  readonly #below = new Map<string, FolderWatcher>();
  readonly #folder: string;
  readonly #changed: () => void;
  #isClosed = false;

  /** @throws {Error} When there is no such folder. */
  constructor(folder: string, changed: () => void) {
    this.#folder = folder;
    this.#changed = changed;
    this.#watcher = watch(folder, (kind, name) => {
      if (kind === 'rename') {
        // It may have gone and come again by now, as another folder under the same name.
        this.#forget(name ?? '');
        this.#lookBelow();
      }
      changed();
    });
    this.#watcher.on('error', changed);
    this.#lookBelow();
  }

  close(): void {
    this.#isClosed = true;
    this.#watcher.close();
    for (const watcher of this.#below.values()) watcher.close();
  }

  #forget(name: string): void {
    this.#below.get(name)?.close();
    this.#below.delete(name);
  }

  #lookBelow(): void {
    if (this.#isClosed) return;
    const names = new Set(foldersIn(this.#folder));
    for (const name of this.#below.keys()) {
      if (!names.has(name)) this.#forget(name);
    }
    for (const name of names) {
      if (this.#below.has(name)) continue;
      try {
        this.#below.set(name, new FolderWatcher(join(this.#folder, name), this.#changed));
      } catch {
        // It has gone again.
      }
    }
  }
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}
