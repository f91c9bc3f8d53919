import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { RevisionSpec } from '../../knative/local/manifests/read-services.ts';
import type { Command } from '../../knative/local/process/function-process.ts';
import type { FunctionRuntime } from '../../knative/local/process/launch.ts';
import { buildFunction } from '../build/build-function.ts';
import { INPUTS_FILE } from '../build/freshness.ts';
import { functionOf } from './function-runtime.ts';

/** One state of a function's code, as a copy that later builds leave alone. */
interface Snapshot {
  /** Of everything that it was built from. */
  readonly digest: string;
  readonly program: Command;
}

/** Where a function stands: its snapshot, once there is one. */
interface Version {
  snapshot: Promise<Snapshot> | undefined;
}

/**
 * Runs the same bundles as the image, each revision that of its own time: a process of an older revision
 * never runs newer code, half-saved code least of all.
 */
export class WatchedRuntime implements FunctionRuntime {
  readonly #dir: string;
  readonly #newest = new Map<string, Version>();
  readonly #adopted = new WeakMap<RevisionSpec, Version>();
  #snapshots = 0;

  /** @param dir Gets the copies. */
  constructor(dir: string) {
    this.#dir = dir;
  }

  adopt(revision: RevisionSpec): void {
    this.#adopted.set(revision, this.#version(functionOf(revision)));
  }

  async programFor(revision: RevisionSpec): Promise<Command> {
    const name = functionOf(revision);
    const version = this.#adopted.get(revision) ?? this.#version(name);
    return (await this.#of(version, name)).program;
  }

  /**
   * Builds what a function is now; revisions that come get that. Resolves with whether it changed.
   * @throws {Error} When it does not build: revisions that come get what there was.
   */
  async refresh(name: string): Promise<boolean> {
    const before = await this.#version(name).snapshot?.catch(() => undefined);
    const snapshot = await this.#take(name, before);
    if (snapshot === before) return false;
    const isFirst = this.#version(name).snapshot === undefined;
    if (isFirst) this.#version(name).snapshot = Promise.resolve(snapshot);
    else this.#newest.set(name, { snapshot: Promise.resolve(snapshot) });
    return !isFirst;
  }

  #version(name: string): Version {
    const version = this.#newest.get(name) ?? { snapshot: undefined };
    this.#newest.set(name, version);
    return version;
  }

  async #of(version: Version, name: string): Promise<Snapshot> {
    version.snapshot ??= this.#take(name, undefined);
    try {
      return await version.snapshot;
    } catch (cause) {
      // The next start tries again.
      version.snapshot = undefined;
      throw cause;
    }
  }

  /** Builds and copies; `before` itself when that is still what the sources give. */
  async #take(name: string, before: Snapshot | undefined): Promise<Snapshot> {
    const { command, args } = await buildFunction(name);
    const built = dirname(args.at(-1) ?? '');
    const inputs = await readFile(join(built, INPUTS_FILE));
    const digest = createHash('sha256').update(inputs).digest('hex');
    if (digest === before?.digest) return before;
    this.#snapshots += 1;
    const folder = join(this.#dir, String(this.#snapshots));
    await mkdir(folder, { recursive: true });
    await cp(built, join(folder, name), { recursive: true });
    // Where the bundle looks for ONNX Runtime's binding.
    await symlink(join(dirname(built), 'native'), join(folder, 'native'));
    return {
      digest,
      program: { command, args: [...args.slice(0, -1), join(folder, name, 'boot.cjs')] },
    };
  }
}
