import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DEFAULT_BACKOFF } from '../../models/loader/backoff.ts';
import type { Backoff } from '../../models/loader/backoff.ts';
import type { LoadEvent } from '../../models/loader/load-event.ts';
import { loadModel } from '../../models/loader/load-model.ts';
import type { LoadedModel } from '../../models/loader/loaded-model.ts';
import { writeTroublesomeModel } from './troublesome-model.ts';
import type { TroublesomeOptions } from './troublesome-model.ts';

/** The troublesome model, loaded into so many processes, with what its processes have told so far. */
export async function loadTroublesomeModel(
  workers: number,
  { backoff = DEFAULT_BACKOFF, ...options }: TroublesomeOptions & { backoff?: Backoff } = {},
): Promise<{ readonly model: LoadedModel; readonly events: readonly LoadEvent[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'pilotlight-trouble-'));
  const events: LoadEvent[] = [];
  try {
    const model = await loadModel({
      uri: await writeTroublesomeModel(folder, options),
      openStore: () => {
        throw new Error('no store is needed');
      },
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
      workers,
      backoff,
    });
    return { model, events };
  } finally {
    await rm(folder, { recursive: true });
  }
}
