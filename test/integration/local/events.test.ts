import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import type { StandInStatus } from '../../../knative/local/status.ts';
import { postEvent } from '../../support/local-eventing.ts';
import { runProgram } from '../../support/run-program.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/local');

test('an event wakes the Service of its trigger; the broker’s address is said, and given to processes', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-stand-in-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await using program = runProgram([join(fixtures, 'stand-in.ts'), join(fixtures, 'events')], {
    PORT: '0',
    S3_PORT: '0',
    PILOTLIGHT_DATA: dataDir,
  });
  const [, router = ''] = await program.wrote(/^router (\S+)$/m);
  const [, broker = ''] = await program.wrote(/^broker (http:\/\/localhost:\d+\/tests\/default)$/m);

  const status = async (): Promise<StandInStatus> =>
    (await (await fetch(`${router}/_local`)).json()) as StandInStatus;
  expect((await status()).services[0]!.state).toBe('zero');

  expect((await postEvent(broker, { 'ce-id': 'other', 'ce-type': 'another' })).status).toBe(202);
  expect((await postEvent(broker, { 'ce-id': 'woken', 'ce-type': 'test.v1' })).status).toBe(202);

  await program.wrote(/fixture \| event woken of tests/);
  expect(program.output()).not.toContain('event other');
  await expect
    .poll(async () => (await status()).brokers)
    .toMatchObject([
      { url: broker, triggers: [{ trigger: 'to-fixture', pending: 0, delivered: 1 }] },
    ]);
  expect((await status()).broker).toBe(broker);
  const who = (await (await fetch(`${router}/fixture/who`)).json()) as { env: { K_SINK: string } };
  expect(who.env.K_SINK).toBe(broker);
});
