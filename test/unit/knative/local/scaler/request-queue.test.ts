import { expect, test } from 'vitest';

import { RequestQueue } from '../../../../../knative/local/scaler/request-queue.ts';
import { ServiceBusyError } from '../../../../../knative/local/scaler/service-busy-error.ts';

const never = new AbortController().signal;

test('10,000 may wait, the next one is refused as queue-proxy does', async () => {
  const queue = new RequestQueue<number>();
  const waiting = Array.from({ length: 10_000 }, () => queue.wait(never));

  await expect(queue.wait(never)).rejects.toThrow(new ServiceBusyError());

  let place = 0;
  queue.serve(() => place++);
  expect(await Promise.all(waiting)).toEqual(waiting.map((_, index) => index));
});

test('who gives up waiting loses its place, the others keep their order', async () => {
  const queue = new RequestQueue<string>();
  const impatient = new AbortController();
  const first = queue.wait(impatient.signal);
  const others = [queue.wait(never), queue.wait(never)];

  impatient.abort(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  const places = ['a', 'b', 'c'];
  queue.serve(() => places.shift());

  expect(await Promise.all(others)).toEqual(['a', 'b']);
  expect(places).toEqual(['c']);
});

test('as many are served as there are places', async () => {
  const queue = new RequestQueue<string>();
  const first = queue.wait(never);
  const second = queue.wait(never);
  const places = ['a'];

  queue.serve(() => places.shift());

  expect(await first).toBe('a');
  expect(queue.length).toBe(1);
  queue.refuse(new Error('closing'));
  await expect(second).rejects.toThrow('closing');
});
