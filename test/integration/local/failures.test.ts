import { expect, test } from 'vitest';

import { quickScale } from '../../support/scale-settings.ts';
import { openRouter } from './open-router.ts';

interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly request_id: string };
}

test('a process that exits while it starts fails every held request, with its exit code and last line', async () => {
  await using local = await openRouter({}, 'crash.mjs');

  const answers = await Promise.all([fetch(`${local.url}/who`), fetch(`${local.url}/who`)]);

  for (const answer of answers) {
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    const { error } = (await answer.json()) as ErrorBody;
    expect(error.code).toBe('MODEL_LOAD');
    expect(error.message).toBe(
      'Cannot start fixture: exited with code 3: the model is not what its digest says',
    );
    expect(error.request_id).toBe(answer.headers.get('x-request-id'));
  }
  expect(local.count('[local] starting')).toBe(1);
});

test('a process that cannot start is not started again by the requests that follow at once', async () => {
  await using local = await openRouter({}, 'crash.mjs');
  await fetch(`${local.url}/who`);

  const statuses = await Promise.all(
    Array.from({ length: 10 }, async () => (await fetch(`${local.url}/who`)).status),
  );

  expect(new Set(statuses)).toEqual(new Set([503]));
  expect(local.count('[local] starting')).toBe(1);
  expect(local.scaler.status().failure).toContain('exited with code 3');
});

test('a request during which the process dies gets 502, the next one a new process', async () => {
  await using local = await openRouter();

  const crashed = await fetch(`${local.url}/crash`);
  expect(crashed.status).toBe(502);
  expect(((await crashed.json()) as ErrorBody).error.code).toBe('BAD_GATEWAY');

  await local.said('exited with code 7: crashing as asked');
  expect(local.scaler.status().state).toBe('zero');
  expect((await fetch(`${local.url}/who`)).status).toBe(200);
});

test('a request that outlives its Service gets 504 while the process is still starting', async () => {
  await using local = await openRouter({
    env: { START_FILE: '/nowhere/at-all' },
    responseStartTimeoutMs: 100,
  });

  const answer = await fetch(`${local.url}/who`);

  expect(answer.status).toBe(504);
  expect(await answer.text()).toBe('request timeout\n');
});

test('a process that nobody waits for any more is stopped while it starts', async () => {
  await using local = await openRouter({
    env: { START_FILE: '/nowhere/at-all' },
    responseStartTimeoutMs: 50,
    scale: quickScale(),
  });

  await fetch(`${local.url}/who`);

  await local.said('[local] stopped');
  expect(local.scaler.status()).toMatchObject({ state: 'zero', pids: [] });
});

test('responseStartTimeoutSeconds gives 504 and frees the place of the request', async () => {
  await using local = await openRouter({ responseStartTimeoutMs: 2000, containerConcurrency: 1 });
  await fetch(`${local.url}/who`);

  const answer = await fetch(`${local.url}/hold?key=slow`);

  expect(answer.status).toBe(504);
  expect(await answer.text()).toBe('request timeout\n');
  await local.said('aborted slow');
  expect((await fetch(`${local.url}/who`)).status).toBe(200);
});

test('timeoutSeconds cuts an answer that has begun', async () => {
  await using local = await openRouter({ timeoutMs: 2000 });

  const answer = await fetch(`${local.url}/begin`);

  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow('terminated');
});
