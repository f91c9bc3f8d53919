import { expect, it } from 'vitest';

import { SETOSA, ask, post } from '../../support/http-client.ts';
import { onEveryServer } from './on-every-server.ts';

const TOGETHER = 16;

/**
 * What a request leaves behind must go with V8's quick collections. Objects that reach the old generation
 * (through a WeakMap, or an object literal with a getter: seen here, 5 kB of every request) stop the process for
 * tens of milliseconds again and again.
 */
onEveryServer('young objects', { vias: ['bundle'] }, (server) => {
  const predict = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent += TOGETHER) {
      const batch = Array.from({ length: TOGETHER }, () => post(`${server().url}/predict`, SETOSA));
      for (const { status } of await Promise.all(batch)) expect(status).toBe(200);
    }
  };
  const measure = async (): Promise<{ oldBytes: number; minor: number; major: number }> => {
    const { text } = await ask(`${server().url}/metrics`);
    const value = (series: string): number => Number(text.split(`\n${series} `)[1]?.split('\n')[0]);
    return {
      oldBytes: value('nodejs_heap_space_size_used_bytes{space="old"}'),
      minor: value('nodejs_gc_duration_seconds_count{kind="minor"}'),
      major: value('nodejs_gc_duration_seconds_count{kind="major"}'),
    };
  };

  it('leaves little of a request in the old generation', { timeout: 120_000 }, async () => {
    const requests = 2400;
    // The first requests compile the code, which is old from the start.
    await measure();
    await predict(1200);
    const before = await measure();

    await predict(requests);

    const after = await measure();
    expect(after.minor - before.minor).toBeGreaterThan(2);
    expect((after.oldBytes - before.oldBytes) / requests).toBeLessThan(1500);
  });
});
