import { describe, expect, it, vi } from 'vitest';

import { createMetrics } from '../../../../functions/runtime/metrics.ts';

const loads = vi.hoisted(() => ({ count: 0 }));
// The real library; only that it is loaded, once for all tests here, is noted.
vi.mock('prom-client', async (original) => {
  loads.count += 1;
  return original();
});

const request = { route: '/predict', method: 'POST', status: '200' };

describe('createMetrics()', () => {
  it('keeps what is recorded before the library is there, which it loads at the first scrape', async () => {
    const metrics = createMetrics();
    metrics.record('http_requests_total', request);
    metrics.record('http_requests_total', request);
    metrics.record('inference_batch_size', { model: 'iris' }, 3);
    metrics.record('pilotlight_cold_start_seconds', { model: 'iris', phase: 'ready' }, 0.25);
    expect(loads.count).toBe(0);

    const { contentType, text } = await metrics.scrape();

    expect(loads.count).toBe(1);
    expect(contentType).toMatch(/^text\/plain/);
    expect(text).toContain('http_requests_total{route="/predict",method="POST",status="200"} 2\n');
    expect(text).toContain('inference_batch_size_bucket{le="2",model="iris"} 0\n');
    expect(text).toContain('inference_batch_size_bucket{le="4",model="iris"} 1\n');
    expect(text).toContain('inference_batch_size_sum{model="iris"} 3\n');
    expect(text).toContain('pilotlight_cold_start_seconds{model="iris",phase="ready"} 0.25\n');
  });

  it('leaves the writing to the library: labels are escaped', async () => {
    const metrics = createMetrics();
    metrics.record('http_requests_total', { ...request, method: 'a "b" \\ and\nbroken' });

    const { text } = await metrics.scrape();

    expect(text).toContain(String.raw`,method="a \"b\" \\ and\nbroken",`);
    expect(text).toContain('# TYPE http_requests_total counter\n');
    expect(text).toMatch(/^process_cpu_seconds_total /m);
  });

  it('goes on counting after a scrape', async () => {
    const metrics = createMetrics();
    metrics.record('http_requests_total', request);
    await metrics.scrape();
    metrics.record('http_requests_total', request);

    expect((await metrics.scrape()).text).toMatch(/^http_requests_total\{.+\} 2$/m);
  });

  it('reads a collected gauge at every scrape', async () => {
    const metrics = createMetrics();
    let depth = 5;
    metrics.collect('inference_queue_depth', { model: 'iris' }, () => depth);

    const first = await metrics.scrape();
    depth = 7;
    const second = await metrics.scrape();

    expect(first.text).toContain('inference_queue_depth{model="iris"} 5\n');
    expect(second.text).toContain('inference_queue_depth{model="iris"} 7\n');
  });

  it('loses nothing when a lot is recorded that nobody scrapes', async () => {
    const metrics = createMetrics();
    for (let time = 0; time < 2000; time += 1) metrics.record('http_requests_total', request);
    await new Promise(setImmediate);
    for (let time = 0; time < 2000; time += 1) metrics.record('http_requests_total', request);

    expect((await metrics.scrape()).text).toMatch(/^http_requests_total\{.+\} 4000$/m);
  });

  it('keeps two processes’ worth apart', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.record('http_requests_total', request);

    expect((await other.scrape()).text).not.toMatch(/^http_requests_total\{/m);
  });
});
