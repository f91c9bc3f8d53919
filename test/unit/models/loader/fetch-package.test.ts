import { expect, it } from 'vitest';

import { ObjectStoreError } from '../../../../functions/runtime/object-store/errors.ts';
import { DEFAULT_BACKOFF } from '../../../../models/loader/backoff.ts';
import { openCache } from '../../../../models/loader/cache.ts';
import { fetchPackage } from '../../../../models/loader/fetch-package.ts';
import type { OpenedFile } from '../../../../models/loader/package-source.ts';

it('fetchPackage() gives up every other request once one is refused for good', async () => {
  const waiting: AbortSignal[] = [];
  const refused = new ObjectStoreError('AccessDenied', { status: 403, transient: false });
  const source = {
    uri: 's3://models/x/1',
    async open(name: string, { signal }: { signal: AbortSignal }): Promise<OpenedFile> {
      if (name === 'model.onnx') throw refused;
      waiting.push(signal);
      return new Promise(() => {});
    },
    close() {},
  };
  const onEvent = (): void => {};

  const fetching = fetchPackage(source, {
    signal: new AbortController().signal,
    onEvent,
    backoff: DEFAULT_BACKOFF,
    idleTimeoutMs: 60_000,
    cache: openCache(undefined, onEvent),
    digest: undefined,
    onRequested: () => {},
  });

  await expect(fetching).rejects.toThrow('AccessDenied');
  expect(waiting.map(({ aborted }) => aborted)).toEqual([true]);
});
