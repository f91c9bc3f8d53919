import { join } from 'node:path';

import type { ServiceSpec } from '../../knative/local/manifests/read-services.ts';
import type { StandIn } from '../../knative/local/stand-in.ts';
import { functionOf } from './function-runtime.ts';
import { oneAtATime, reload } from './reload.ts';
import { watchFolders } from './watch-folders.ts';
import type { WatchedRuntime } from './watched-runtime.ts';

/** What `--watch` always looks at: code, models and manifests. */
const FOLDERS = ['functions', 'events', 'models', 'knative', 'scripts/build'];

/** What to watch, and what to do with it. */
export interface WatchOptions {
  readonly root: string;
  /** Further folders: the overlay, and those of models elsewhere. */
  readonly others: readonly string[];
  readonly runtime: WatchedRuntime;
  readonly read: () => Promise<readonly ServiceSpec[]>;
  readonly publish: () => Promise<void>;
}

/** Takes over what changes in the clone as new revisions of `standIn`, until it is disposed of. */
export function watchClone(standIn: StandIn, options: WatchOptions): Disposable {
  const { root, others, runtime, read, publish } = options;
  const pending = new Set<string>();
  const steps = {
    read,
    publish,
    rebuild: (service: ServiceSpec) => runtime.refresh(functionOf(service)),
    update: standIn.update,
    say: (text: string) =>
      void process.stdout.write(text.replaceAll(/^/gm, 'watch | ').concat('\n')),
  };
  return watchFolders(
    [...FOLDERS.map((name) => join(root, name)), ...others],
    oneAtATime((signal) => reload(steps, pending, signal)),
  );
}
