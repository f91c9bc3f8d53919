import { write, writeSync } from 'node:fs';

/** Writes lines to a file descriptor, many at once, without making anybody wait. */
export interface LineWriter {
  /** Takes one line, which ends in a newline. */
  add(line: string): void;
  /** Returns when every line so far is written, or handed to the system for writing. */
  flush(): void;
}

/** One write for what so many milliseconds bring: at thousands of lines per second, each write counts. */
const GATHER_MS = 10;
/** At once when so much has gathered: it fits into a pipe, so the write takes no time. */
const GATHER_CHARS = 32 * 1024;
/** For what gathers, with a last line that goes beyond. */
const ROOM_BYTES = 64 * 1024;
/** When nobody reads, lines are dropped and counted: a log must not fill the memory of a server. */
const MAX_HELD_CHARS = 8 * 1024 * 1024;

const encoder = new TextEncoder();

/**
 * A writer to `fd`. What has gathered is lost when the process is killed, and at no other end: it is also
 * flushed when the process exits. A write that is under way then may come after it.
 * @param noteLost Makes the line that says how many lines there was no room for.
 */
export function createLineWriter(fd: number, noteLost: (lines: number) => string): LineWriter {
  let gathered = '';
  let lost = 0;
  let timer: NodeJS.Timeout | undefined;
  let isWriting = false;
  let room: Buffer | undefined;

  // Again and again into the same memory, which one write at a time reads: new memory costs more than the encoding.
  function encode(text: string): Buffer {
    room ??= Buffer.allocUnsafeSlow(ROOM_BYTES);
    const { read, written } = encoder.encodeInto(text, room);
    return read === text.length ? room.subarray(0, written) : Buffer.from(text);
  }

  function take(): string {
    const text = lost === 0 ? gathered : gathered + noteLost(lost);
    gathered = '';
    lost = 0;
    return text;
  }

  function schedule(): void {
    if (isWriting || gathered === '') return;
    if (gathered.length < GATHER_CHARS) {
      timer ??= setTimeout(start, GATHER_MS);
      return;
    }
    clearTimeout(timer);
    start();
  }

  function start(): void {
    timer = undefined;
    isWriting = true;
    pass(encode(take()));
  }

  // On the thread pool: a slow reader of our output must not stop the event loop.
  function pass(bytes: Buffer): void {
    write(fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(pass, GATHER_MS, bytes);
        return;
      }
      // Any other error: nobody reads any more, and there is no place left to say so.
      if (error === null && written < bytes.length) {
        pass(bytes.subarray(written));
        return;
      }
      isWriting = false;
      schedule();
    });
  }

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (gathered !== '') writeAll(fd, Buffer.from(take()));
  };
  process.once('exit', flush);

  return {
    add(line) {
      if (lost > 0 || gathered.length + line.length > MAX_HELD_CHARS) {
        lost += 1;
        return;
      }
      gathered += line;
      schedule();
    },
    flush,
  };
}

/** So often is a pipe tried that has no room. */
const SYNC_ATTEMPTS = 100;

function writeAll(fd: number, bytes: Buffer): void {
  let rest = bytes;
  for (let attempt = 0; rest.length > 0 && attempt < SYNC_ATTEMPTS; attempt += 1) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      // Synchronous, as the process is about to end.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, GATHER_MS);
    }
  }
}
