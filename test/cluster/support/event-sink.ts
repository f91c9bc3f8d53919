import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Kubectl } from '../../../scripts/deploy/kubectl.ts';

/** What the sink was sent. */
export interface SunkEvent {
  readonly path: string;
  /** Which attempt with this id it was, from 1. */
  readonly attempt: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const script = readFileSync(
  join(import.meta.dirname, '../../fixtures/cluster/event-sink.cjs'),
  'utf8',
);
const labels = { app: 'event-sink' };

/** A receiver of events for a namespace: `http://event-sink/<path>`. Runs by the Node of our own image. */
export function sinkObjects(image: string): object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'event-sink', labels },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'sink',
            image,
            command: ['/usr/local/bin/node', '-e', script],
            resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } },
            readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'event-sink' },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
}

/** Everything that the sink has been sent so far. */
export async function sunkEvents(kubectl: Kubectl): Promise<SunkEvent[]> {
  const text = await kubectl.run(['logs', 'event-sink', '--tail=-1']);
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as SunkEvent);
}
