import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** How a queue delivers. */
export interface EventQueueOptions {
  readonly dir: string;
  /** Delivers one payload; rejects when it must be tried again. */
  readonly deliver: (payload: string, signal: AbortSignal) => Promise<void>;
  /** Pause before the next try of an event that was not taken. */
  readonly retryMs: number;
}

interface QueuedEvent {
  readonly name: string;
  /** Resolves once its file is there. */
  readonly written: Promise<void>;
}

const NAME = /^[0-9A-F]{16}-([0-9a-f]{16})\.json$/;
const AT_ONCE = 8;

/**
 * Events on their way to one target: a file each until the target has taken it, so that a crash can
 * double an event but not lose it. Events of one object go one after another; those of others pass by
 * one that is not taken.
 */
export class EventQueue {
  readonly #options: EventQueueOptions;
  readonly #folder: FileHandle;
  readonly #lanes = new Map<string, QueuedEvent[]>();
  readonly #stopping = new AbortController();
  readonly #draining = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #free = AT_ONCE;

  private constructor(options: EventQueueOptions, folder: FileHandle) {
    this.#options = options;
    this.#folder = folder;
  }

  /** Goes on with what an earlier process left. */
  static async open(options: EventQueueOptions): Promise<EventQueue> {
    await mkdir(options.dir, { recursive: true });
    const queue = new EventQueue(options, await open(options.dir));
    for (const name of (await readdir(options.dir)).toSorted()) {
      const lane = NAME.exec(name)?.[1];
      if (lane === undefined) await rm(join(options.dir, name));
      else queue.#append(lane, { name, written: Promise.resolve() });
    }
    return queue;
  }

  /**
   * Keeps an event; it is on disk when this resolves. Events of one subject are delivered in the order
   * of the calls.
   * @param order 16 hexadecimal digits that rise from call to call
   */
  async add(
    payload: string,
    { order, subject }: { order: string; subject: string },
  ): Promise<void> {
    const lane = createHash('sha256').update(subject).digest('hex').slice(0, 16);
    const name = `${order}-${lane}.json`;
    const written = this.#write(name, payload);
    // Takes its place at once, before another of the same subject can overtake it on its way to the disk.
    this.#append(lane, { name, written });
    await written;
  }

  /** Stops delivering; what is left stays for the next process. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#draining);
    await this.#folder.close();
  }

  async #write(name: string, payload: string): Promise<void> {
    const path = join(this.#options.dir, name);
    {
      await using file = await open(`${path}.new`, 'wx');
      await file.writeFile(payload);
      await file.datasync();
    }
    await rename(`${path}.new`, path);
    await this.#folder.sync();
  }

  #append(lane: string, event: QueuedEvent): void {
    const waiting = this.#lanes.get(lane);
    if (waiting !== undefined) {
      waiting.push(event);
      return;
    }
    this.#lanes.set(lane, [event]);
    const draining = this.#drain(lane).finally(() => this.#draining.delete(draining));
    this.#draining.add(draining);
  }

  async #drain(lane: string): Promise<void> {
    const events = this.#lanes.get(lane) ?? [];
    const { signal } = this.#stopping;
    for (let [event] = events; event !== undefined && !signal.aborted; [event] = events) {
      const isWritten = await event.written.then(
        () => true,
        // Whoever added it hears of that.
        () => false,
      );
      if (!isWritten || (await this.#wasTaken(event.name))) events.shift();
      else await delay(this.#options.retryMs, undefined, { signal }).catch(() => undefined);
    }
    this.#lanes.delete(lane);
  }

  /** Tries once, when its turn comes. */
  async #wasTaken(name: string): Promise<boolean> {
    const { dir, deliver } = this.#options;
    await this.#turn();
    try {
      await deliver(await readFile(join(dir, name), 'utf8'), this.#stopping.signal);
      await rm(join(dir, name));
      return true;
    } catch {
      return false;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  async #turn(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
