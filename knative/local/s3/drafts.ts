import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { writeAll, writeFooter } from './footer-file.ts';
import type { Footer } from './footer-file.ts';

/** A folder for files that are being written; what a crash leaves there is removed at the next start. */
export class Drafts {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Empties the folder, or makes it. */
  static async open(dir: string): Promise<Drafts> {
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir);
    return new Drafts(dir);
  }

  /** Writes `bytes` aside. */
  async write(bytes: AsyncIterable<Buffer> | readonly Buffer[]): Promise<Draft> {
    const path = join(this.#dir, randomUUID());
    const draft = new Draft(path, await open(path, 'wx'));
    try {
      for await (const chunk of bytes) await writeAll(draft.file, chunk);
    } catch (error) {
      await draft.discard();
      throw error;
    }
    return draft;
  }
}

/** Bytes in a file that nobody sees yet: `seal` and `moveTo`, or `discard`. */
export class Draft {
  readonly file: FileHandle;
  readonly #path: string;

  constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.file = file;
  }

  /** Adds the footer; the whole file is on disk when this resolves. */
  async seal(footer: Footer): Promise<void> {
    await writeFooter(this.file, footer);
    await this.file.close();
  }

  /** Gives the file its place, over whatever is there, in this very turn. */
  moveTo(path: string): void {
    renameSync(this.#path, path);
  }

  /** Removes the file, unless it was moved. */
  async discard(): Promise<void> {
    await this.file.close();
    await rm(this.#path, { force: true });
  }
}
