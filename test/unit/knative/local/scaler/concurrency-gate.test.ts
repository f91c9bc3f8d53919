import { expect, test } from 'vitest';

import { ConcurrencyGate } from '../../../../../knative/local/scaler/concurrency-gate.ts';
import { ServiceBusyError } from '../../../../../knative/local/scaler/service-busy-error.ts';

const never = new AbortController().signal;

test('10,000 may wait, the next one is refused as queue-proxy does', async () => {
  const gate = new ConcurrencyGate(1);
  await gate.enter(never);
  const waiting = Array.from({ length: 10_000 }, () => gate.enter(never));

  await expect(gate.enter(never)).rejects.toThrow(new ServiceBusyError());

  for (let left = 0; left <= waiting.length; left += 1) gate.leave();
  await Promise.all(waiting);
});

test('who gives up waiting loses its place, the others keep their order', async () => {
  const gate = new ConcurrencyGate(1);
  await gate.enter(never);
  const impatient = new AbortController();
  const order: string[] = [];
  const first = gate.enter(impatient.signal);
  const second = gate.enter(never).then(() => order.push('second'));
  const third = gate.enter(never).then(() => order.push('third'));

  impatient.abort(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  gate.leave();
  await second;
  gate.leave();
  await third;

  expect(order).toEqual(['second', 'third']);
});

test('limit 0 lets everybody in', async () => {
  const gate = new ConcurrencyGate(0);

  const entering = Array.from({ length: 1000 }, () => gate.enter(never));

  await expect(Promise.all(entering)).resolves.toHaveLength(1000);
});
