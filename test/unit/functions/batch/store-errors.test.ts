import { expect, it } from 'vitest';

import { withStoreErrors } from '../../../../functions/batch/store-errors.ts';
import { ConflictError } from '../../../../functions/runtime/errors.ts';
import { ObjectStoreError } from '../../../../functions/runtime/object-store/errors.ts';
import type { RequestContext } from '../../../../functions/serving/http/request-context.ts';

it.each<[string, Error, string]>([
  [
    'a store that is away',
    new ObjectStoreError('GET: ECONNREFUSED', { code: 'ECONNREFUSED', transient: true }),
    'STORAGE_UNAVAILABLE',
  ],
  [
    'a store that refuses us',
    new ObjectStoreError('GET: 403', { status: 403, transient: false }),
    'STORAGE_UNAVAILABLE',
  ],
  [
    'a key that the store does not take',
    new ObjectStoreError('GET: 400', { status: 400, transient: false }),
    'INVALID_REQUEST',
  ],
  ['an error of ours', new ConflictError('There is another one'), 'CONFLICT'],
])('%s', async (_, cause, code) => {
  const [route] = withStoreErrors([
    { method: 'GET', path: '/', handle: () => Promise.reject(cause) },
  ]);
  const answer = Promise.resolve(route?.handle({} as RequestContext, {}, Buffer.alloc(0)));

  await expect(answer).rejects.toMatchObject({ code });
});
