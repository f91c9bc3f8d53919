import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { EventLog } from '../../../../knative/local/broker/event-log.ts';
import { startReceiver } from '../../../support/event-receiver.ts';
import { postEvent } from '../../../support/local-eventing.ts';
import { runProgram, type RunningProgram } from '../../../support/run-program.ts';

const PROGRAM = join(import.meta.dirname, '../../../fixtures/local/broker.ts');
const event = {
  attributes: { id: 'x' },
  contentType: undefined,
  data: Buffer.from('é'),
  ttl: 1,
  headers: {},
};

async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-broker-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function urlOf(program: RunningProgram): Promise<string> {
  const [, url = ''] = await program.wrote(/^broker (\S+)$/m);
  return url;
}

test('kill -9 in the middle: every event that was taken is delivered by the next process', async () => {
  const dir = await temporaryFolder();
  let isOpen = false;
  await using receiver = await startReceiver(({ event: { id } }) => ({
    // Some are delivered before the end, the others never.
    status: isOpen || Number(id) % 3 === 0 ? 202 : 503,
  }));
  const taken: string[] = [];
  {
    await using program = runProgram([PROGRAM, dir, receiver.url]);
    const url = await urlOf(program);
    const sent = Array.from({ length: 60 }, async (_, id) => {
      const answer = await postEvent(url, { 'ce-id': String(id) }).catch(() => undefined);
      if (answer?.status === 202) taken.push(String(id));
    });
    await receiver.until(30);
    program.kill('SIGKILL');
    await Promise.all(sent);
    await program.ended;
  }
  isOpen = true;
  const before = receiver.seen.length;

  await using program = runProgram([PROGRAM, dir, receiver.url]);
  await urlOf(program);

  const undone = (): string[] => {
    const after = receiver.seen.slice(before).map(({ event: { id } }) => id);
    const done = receiver.seen.slice(0, before).map(({ event: { id } }) => id);
    return taken.filter(
      (id) => !after.includes(id) && !(Number(id) % 3 === 0 && done.includes(id)),
    );
  };
  expect(taken.length).toBeGreaterThan(10);
  await expect.poll(undone, { timeout: 30_000 }).toEqual([]);
});

test('an event that was delivered does not come again after an orderly end', async () => {
  const dir = await temporaryFolder();
  const { log } = await EventLog.open({ dir });
  const [first, second] = [await log.append(event, ['a', 'b']), await log.append(event, ['a'])];
  log.done(first.number, 'a');
  log.done(second.number, 'a');
  await log.close();

  const { log: next, undelivered } = await EventLog.open({ dir });
  await next.close();

  expect(undelivered).toEqual([{ event: { ...event, number: first.number }, to: ['b'] }]);
});

test('half a record at the end, as a crash leaves it, is no record; those before it stay', async () => {
  const dir = await temporaryFolder();
  const { log } = await EventLog.open({ dir });
  await log.append(event, ['a']);
  await log.close();
  const [file = ''] = await readdir(dir);
  await appendFile(join(dir, file), '0badc0de {"number":2,"attributes":{"id"');

  const { log: next, undelivered } = await EventLog.open({ dir });
  const added = await next.append(event, ['a']);
  await next.close();

  expect(undelivered).toHaveLength(1);
  expect(added.number).toBe(2);
});

test('files whose events have all been delivered are removed', async () => {
  const dir = await temporaryFolder();
  const { log } = await EventLog.open({ dir, segmentBytes: 500 });
  const stored = [];
  for (let index = 0; index < 20; index += 1) stored.push(await log.append(event, ['a']));
  expect((await readdir(dir)).length).toBeGreaterThan(3);

  for (const { number } of stored.slice(1)) log.done(number, 'a');
  await log.append(event, ['a']);
  // The oldest event holds them all: what was delivered is written behind it.
  const { length: held } = await readdir(dir);
  log.done(stored[0]!.number, 'a');
  await log.append(event, ['a']);
  await log.close();

  expect(held).toBeGreaterThan(3);
  // Two events wait, in one file or in two.
  expect((await readdir(dir)).length).toBeLessThanOrEqual(2);
});

test('two processes do not share a folder', async () => {
  const dir = await temporaryFolder();
  await using first = runProgram([PROGRAM, dir, 'http://127.0.0.1:2/']);
  await urlOf(first);

  await using second = runProgram([PROGRAM, dir, 'http://127.0.0.1:2/']);

  expect(await second.ended).not.toBe(0);
  expect(second.output()).toContain('is in use');
});
