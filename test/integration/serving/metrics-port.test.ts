import { expect, it } from 'vitest';

import { freePort } from '../../../scripts/build/free-port.ts';
import { SETOSA, ask, expectError, post } from '../../support/http-client.ts';
import { onEveryServer } from './on-every-server.ts';

const port = await freePort();

onEveryServer(
  'metrics port',
  { vias: ['main', 'framework'], env: { METRICS_PORT: String(port) } },
  (server) => {
    const metricsUrl = `http://127.0.0.1:${port}`;

    it('has the metrics on a port of their own, and only there', async () => {
      await post(`${server().url}/predict`, SETOSA);

      const here = await ask(`${server().url}/metrics`);
      const there = await ask(`${metricsUrl}/metrics`);

      expectError(here, 'NOT_FOUND', 'typed');
      expect(there.status).toBe(200);
      expect(there.text).toContain('inference_requests_total{model="iris",status="200"} 1');
    });

    it('answers nothing else there', async () => {
      expect((await ask(`${metricsUrl}/healthz`)).status).toBe(404);
      expect((await post(`${metricsUrl}/predict`, SETOSA)).status).toBe(404);
    });
  },
);
