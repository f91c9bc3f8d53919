import { expect, test } from 'vitest';

import { RequestMeter } from '../../../../../knative/local/scaler/request-meter.ts';

test('concurrency is the mean over time, not the number at the moment', () => {
  const meter = new RequestMeter(0);
  meter.begin(0);
  meter.begin(500);
  meter.end(500);
  meter.end(750);

  // One request for 750 of 1000 ms; the second took no time.
  expect(meter.read(1000, 'concurrency')).toBe(0.75);
  expect(meter.read(2000, 'concurrency')).toBe(0);
});

test('a request that goes on counts in every reading', () => {
  const meter = new RequestMeter(0);
  meter.begin(500);

  expect(meter.read(1000, 'concurrency')).toBe(0.5);
  expect(meter.read(2000, 'concurrency')).toBe(1);
  expect(meter.open).toBe(1);
});

test('rps counts arrivals', () => {
  const meter = new RequestMeter(0);
  for (let count = 0; count < 30; count += 1) meter.begin(count);

  expect(meter.read(2000, 'rps')).toBe(15);
  expect(meter.read(3000, 'rps')).toBe(0);
});

test('the request that wakes a revision is told at once, and not twice', () => {
  const meter = new RequestMeter(0);
  meter.begin(5000);

  expect(meter.readFirst(5000)).toBe(1);
  expect(meter.read(6000, 'concurrency')).toBe(0);
  expect(meter.read(7000, 'concurrency')).toBe(1);
});
