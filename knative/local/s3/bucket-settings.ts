import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

import type { LifecycleRule } from './lifecycle/rules.ts';
import type { NotificationRule } from './webhooks/rules.ts';

/** Whether a bucket keeps versions. */
export type Versioning = 'Off' | 'Enabled' | 'Suspended';

/** What a bucket's configuration calls have set. */
export interface BucketSettings {
  readonly versioning: Versioning;
  readonly notifications: readonly NotificationRule[];
  /** Undefined until there are some; a bucket may also have an empty set. */
  readonly tags: Readonly<Record<string, string>> | undefined;
  readonly lifecycle: readonly LifecycleRule[];
}

const DEFAULTS: BucketSettings = {
  versioning: 'Off',
  notifications: [],
  tags: undefined,
  lifecycle: [],
};
const FILE = 'settings.json';

/** The settings kept in the bucket's folder. */
export async function readSettings(dir: string): Promise<BucketSettings> {
  try {
    // Written by `writeSettings`, and replaced only whole.
    const stored = JSON.parse(await readFile(join(dir, FILE), 'utf8')) as Partial<BucketSettings>;
    return { ...DEFAULTS, ...stored };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return DEFAULTS;
    throw error;
  }
}

/** Replaces the settings; they are on disk when this resolves. */
export async function writeSettings(dir: string, settings: BucketSettings): Promise<void> {
  const path = join(dir, FILE);
  {
    await using file = await open(`${path}.new`, 'w');
    await file.writeFile(JSON.stringify(settings));
    await file.sync();
  }
  await rename(`${path}.new`, path);
  await using folder = await open(dir);
  await folder.sync();
}
