import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { readRecord, writeRecord, type LogRecord, type StoredEvent } from './stored-event.ts';

/** An event, and the triggers that have not taken it yet. */
export interface Undelivered {
  readonly event: StoredEvent;
  readonly to: readonly string[];
}

/** How a log keeps its files. */
export interface EventLogOptions {
  readonly dir: string;
  /** A file that is larger gets a successor. @default 16 MiB */
  readonly segmentBytes?: number;
}

interface Segment {
  readonly path: string;
  readonly file: FileHandle;
  bytes: number;
  /** Events in it with triggers to come. */
  readonly open: Set<number>;
}

interface Waiting {
  readonly record: LogRecord;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

const SEGMENT_BYTES = 16 * 1024 * 1024;
const SEGMENT = /^\d{16}\.log$/;

/**
 * What a broker has been given and has not delivered yet, in files that are only appended to: an event is on the disk
 * before its sender hears so, and stays until every trigger has taken it. Records that come together share one sync.
 * That a trigger has taken an event is written without waiting: a crash can repeat a delivery, not lose one.
 */
export class EventLog {
  readonly #dir: string;
  readonly #segmentBytes: number;
  /** Oldest first; the last one is written to. */
  readonly #segments: Segment[] = [];
  readonly #left = new Map<number, Set<string>>();
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #next: number;

  private constructor({ dir, segmentBytes = SEGMENT_BYTES }: EventLogOptions, next: number) {
    this.#dir = dir;
    this.#segmentBytes = segmentBytes;
    this.#next = next;
  }

  /** Opens the log in a folder, with what an earlier process left to be delivered, in its order. */
  static async open(
    options: EventLogOptions,
  ): Promise<{ readonly log: EventLog; readonly undelivered: readonly Undelivered[] }> {
    await mkdir(options.dir, { recursive: true, mode: 0o700 });
    const old = (await readdir(options.dir)).filter((name) => SEGMENT.test(name)).toSorted();
    const left = new Map<number, { event: StoredEvent; to: Set<string> }>();
    let next = 1;
    for (const name of old) {
      for (const record of await readSegment(join(options.dir, name))) {
        const number = record.kind === 'done' ? record.number : record.event.number;
        next = Math.max(next, number + 1);
        if (record.kind === 'event')
          left.set(number, { event: record.event, to: new Set(record.to) });
        else left.get(number)?.to.delete(record.trigger);
      }
    }
    const undelivered = [...left.values()]
      .filter(({ to }) => to.size > 0)
      .map(({ event, to }) => ({ event, to: [...to] }));
    const log = new EventLog(options, next);
    await log.#addSegment(numberOf(old.at(-1)) + 1);
    // What is left moves into the new file, so that the old ones can go.
    await Promise.all(undelivered.map((one) => log.#add({ kind: 'event', ...one })));
    await log.#sync();
    for (const name of old) await rm(join(options.dir, name));
    return { log, undelivered };
  }

  /** Keeps an event for these triggers; it is on the disk when this resolves. */
  async append(event: Omit<StoredEvent, 'number'>, to: readonly string[]): Promise<StoredEvent> {
    const stored = { ...event, number: this.#next };
    this.#next += 1;
    await this.#add({ kind: 'event', event: stored, to });
    return stored;
  }

  /** A trigger needs an event no more. */
  done(number: number, trigger: string): void {
    // A failed write repeats a delivery after the next start, no more.
    this.#add({ kind: 'done', number, trigger }).catch(() => undefined);
  }

  /** Writes what is waiting and closes the files. */
  async close(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    for (const { file } of this.#segments) await file.close();
  }

  #add(record: LogRecord): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ record, resolve, reject });
    this.#writing ??= this.#write();
    return promise;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      // What comes while the disk is busy goes with the next write.
      await Promise.resolve();
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#writeGroup(group);
        for (const { resolve } of group) resolve();
      } catch (cause) {
        for (const { reject } of group) reject(cause);
      }
    }
    // In the same turn as the last look: what comes from now on starts anew.
    this.#writing = undefined;
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const segment = await this.#segment();
    const text = group.map(({ record }) => writeRecord(record)).join('');
    await segment.file.writeFile(text);
    segment.bytes += Buffer.byteLength(text);
    if (group.some(({ record }) => record.kind === 'event')) await segment.file.datasync();
    for (const { record } of group) {
      if (record.kind === 'event') {
        this.#left.set(record.event.number, new Set(record.to));
        segment.open.add(record.event.number);
      } else this.#forget(record.number, record.trigger);
    }
    await this.#removeDone();
  }

  #forget(number: number, trigger: string): void {
    const left = this.#left.get(number);
    left?.delete(trigger);
    if (left === undefined || left.size > 0) return;
    this.#left.delete(number);
    for (const { open: events } of this.#segments) events.delete(number);
  }

  /** Only from the oldest on: what a later file says of earlier events must not go before them. */
  async #removeDone(): Promise<void> {
    for (;;) {
      const [oldest, next] = this.#segments;
      if (oldest === undefined || next === undefined || oldest.open.size > 0) return;
      this.#segments.shift();
      await oldest.file.close();
      await rm(oldest.path);
    }
  }

  async #segment(): Promise<Segment> {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes < this.#segmentBytes) return last;
    return await this.#addSegment(numberOf(last?.path.slice(-20)) + 1);
  }

  async #addSegment(number: number): Promise<Segment> {
    const path = join(this.#dir, `${String(number).padStart(16, '0')}.log`);
    const segment = { path, file: await open(path, 'a'), bytes: 0, open: new Set<number>() };
    this.#segments.push(segment);
    await this.#sync();
    return segment;
  }

  /** A file is there after a crash only once its folder is on the disk. */
  async #sync(): Promise<void> {
    await using folder = await open(this.#dir);
    await folder.sync();
  }
}

function numberOf(name: string | undefined): number {
  return Number(name?.slice(0, 16) ?? 0);
}

/** Records up to the first that a crash cut off; nothing behind that one was ever answered for. */
async function readSegment(path: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    const record = readRecord(line);
    if (record === undefined) break;
    records.push(record);
  }
  return records;
}
