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
const GATHER_BYTES = 32 * 1024;
/** What gathers while that is written fits as well, as a rule. */
const ROOM_BYTES = 64 * 1024;
/** A UTF-16 unit takes at most so many in UTF-8. */
const MOST_BYTES_PER_CHAR = 3;
/** When nobody reads, lines are dropped and counted: a log must not fill the memory of a server. */
const MAX_HELD_CHARS = 8 * 1024 * 1024;

/**
 * A writer to `fd`. What has gathered is lost when the process is killed, and at no other end: it is also
 * flushed when the process exits. A write that is under way then may come after it.
 * @param noteLost Makes the line that says how many lines there was no room for.
 */
export function createLineWriter(fd: number, noteLost: (lines: number) => string): LineWriter {
  // Each line is encoded as it comes, while the processor still has it in its cache, into the same memory again
  // and again; two rooms, as one of them may be being written.
  let room = Buffer.allocUnsafeSlow(ROOM_BYTES);
  let otherRoom = Buffer.allocUnsafeSlow(ROOM_BYTES);
  let used = 0;
  /** What came when the room was full. */
  let held = '';
  let lost = 0;
  let timer: NodeJS.Timeout | undefined;
  /** Bytes that are being written. */
  let writing = 0;

  function take(): Buffer {
    if (used > 0) {
      const bytes = room.subarray(0, used);
      [room, otherRoom, used] = [otherRoom, room, 0];
      return bytes;
    }
    const text = lost === 0 ? held : held + noteLost(lost);
    held = '';
    lost = 0;
    return Buffer.from(text);
  }

  function schedule(): void {
    if (writing > 0 || used + held.length + lost === 0) return;
    if (used + held.length < GATHER_BYTES) {
      timer ??= setTimeout(start, GATHER_MS);
      return;
    }
    clearTimeout(timer);
    start();
  }

  function start(): void {
    timer = undefined;
    const bytes = take();
    writing = bytes.length;
    pass(bytes);
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
      writing = 0;
      schedule();
    });
  }

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    while (used + held.length + lost > 0) writeAll(fd, take());
  };
  process.once('exit', flush);

  return {
    add(line) {
      if (held === '' && used + MOST_BYTES_PER_CHAR * line.length <= ROOM_BYTES) {
        used += room.write(line, used);
      } else if (lost > 0 || writing + held.length + line.length > MAX_HELD_CHARS) {
        lost += 1;
      } else held += line;
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
