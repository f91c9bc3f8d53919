import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RevisionSpec } from '../manifests/read-services.ts';

/** The revisions of each Service, oldest first. */
export type KnownRevisions = Readonly<Record<string, readonly RevisionSpec[]>>;

/** Raised when a stored revision means something else: older files then count as none. */
const FORMAT = 1;

/** Remembers revisions between runs, as the cluster does, so that traffic can name an earlier one. */
export class RevisionStore {
  readonly #file: string;
  #known: Record<string, readonly RevisionSpec[]>;
  #written: Promise<void> = Promise.resolve();

  private constructor(file: string, known: KnownRevisions) {
    this.#file = file;
    this.#known = { ...known };
  }

  /** The store in `dataDir`, with what it remembers; nothing when that cannot be read. */
  static async open(dataDir: string): Promise<RevisionStore> {
    const file = join(dataDir, 'revisions.json');
    const text = await readFile(file, 'utf8').catch(() => '{}');
    return new RevisionStore(file, parse(text));
  }

  /** The revisions of one Service, oldest first. */
  of(service: string): readonly RevisionSpec[] {
    return this.#known[service] ?? [];
  }

  /** Replaces the revisions of one Service. */
  remember(service: string, revisions: readonly RevisionSpec[]): void {
    this.#known = { ...this.#known, [service]: revisions };
    this.#written = this.#written.then(() => this.#write()).catch(() => undefined);
  }

  /** Resolves when everything is on disk. */
  async close(): Promise<void> {
    await this.#written;
  }

  async #write(): Promise<void> {
    const text = JSON.stringify({ format: FORMAT, services: this.#known });
    await writeFile(`${this.#file}.new`, `${text}\n`);
    await rename(`${this.#file}.new`, this.#file);
  }
}

function parse(text: string): KnownRevisions {
  try {
    const { format, services } = JSON.parse(text) as { format?: number; services?: KnownRevisions };
    return format === FORMAT && services !== undefined ? services : {};
  } catch {
    return {};
  }
}
