import { setTimeout as delay } from 'node:timers/promises';

import type { Bucket, Due } from '../bucket.ts';
import { removalEvent } from '../operations/removal-event.ts';
import type { Storage } from '../storage.ts';
import type { StoredObject } from '../stored-object.ts';
import type { ObjectEvent } from '../webhooks/event-payload.ts';
import { dueVersions, isUploadDue } from './due.ts';

/** What sweeping needs. */
export interface SweeperOptions {
  readonly storage: Storage;
  /** Pause between two sweeps, in ms. */
  readonly everyMs: number;
  /** The time, in ms since 1970. */
  readonly now: () => number;
  /** Hears of each removal. */
  readonly publish: (bucket: string, event: ObjectEvent) => Promise<void>;
  /** Hears of a sweep that failed; the next one is tried all the same. */
  readonly onFault: (cause: unknown) => void;
}

/** Removes what the lifecycle rules of buckets say, now and then again and again. */
export class LifecycleSweeper {
  readonly #options: SweeperOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Finishes the removal at hand and stops. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { storage, everyMs, onFault } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      for (const { name } of storage.list()) {
        await this.#sweep(name, storage.bucket(name)).catch(onFault);
      }
      await delay(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #sweep(name: string, bucket: Bucket): Promise<void> {
    const { lifecycle } = bucket.settings;
    if (lifecycle.length === 0) return;
    const nowMs = this.#options.now();
    const decide = (versions: readonly StoredObject[]): Due =>
      dueVersions(versions, lifecycle, nowMs);
    // A copy: what is removed on the way would shift the keys after it.
    for (const [key, versions] of Array.from(bucket.index.versions.from(''))) {
      const due = decide(versions);
      if (due.expired === undefined && due.versions.length === 0) continue;
      for (const { versionId, removal } of await bucket.prune(key, decide)) {
        await this.#options.publish(name, removalEvent({ key, versionId }, removal));
      }
    }
    for (const upload of bucket.uploads.list()) {
      if (isUploadDue(upload, lifecycle, nowMs)) await bucket.uploads.remove(upload.id);
    }
  }
}
