import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ServiceSpec } from '../../../knative/local/manifests/read-services.ts';
import type { LineSink } from '../../../knative/local/process/function-process.ts';
import { launchProcess } from '../../../knative/local/process/launch.ts';
import { startWatchdog } from '../../../knative/local/process/watchdog.ts';
import { createRouter, type Router } from '../../../knative/local/router/create-router.ts';
import { ServiceScaler } from '../../../knative/local/scaler/service-scaler.ts';

/** What a Service of tests is unless told otherwise: patient, and gone only after ten minutes. */
const DEFAULTS: ServiceSpec = {
  name: 'fixture',
  namespace: 'tests',
  revision: 'fixture-00001',
  env: {},
  mounts: [],
  readiness: { kind: 'http', path: '/ready' },
  minScale: 0,
  idleMs: 600_000,
  containerConcurrency: 0,
  timeoutMs: 60_000,
  responseStartTimeoutMs: 60_000,
};

/** A router with one Service whose process is a fixture program. */
export interface TestRouter extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly router: Router;
  readonly scaler: ServiceScaler;
  /** Where the process that was started last listens, for requests past the router. */
  processPort(): number;
  /** Resolves when the process or the scaler has said a line with `text`, `times` in all. */
  said(text: string, times?: number): Promise<void>;
  /** How often a line with `text` has been said. */
  count(text: string): number;
}

/** Opens one; `program` is a file of `test/fixtures/local`. */
export async function openRouter(
  service: Partial<ServiceSpec> = {},
  program = 'function.mjs',
): Promise<TestRouter> {
  const runDir = await mkdtemp(join(tmpdir(), 'pilotlight-router-'));
  const watchdog = startWatchdog();
  const lines: string[] = [];
  const heard = new EventEmitter();
  heard.setMaxListeners(0);
  const onLine: LineSink = (_, line) => {
    lines.push(line);
    heard.emit('line');
  };
  const script = join(import.meta.dirname, '../../fixtures/local', program);
  const spec = { ...DEFAULTS, ...service };
  const context = {
    runtime: { programFor: () => Promise.resolve({ command: process.execPath, args: [script] }) },
    runDir,
    s3: { endpoint: 'http://127.0.0.1:9', region: 'us-east-1' },
    secrets: new Map([['s3-models', { 'access-key-id': 'key', 'secret-access-key': 'secret' }]]),
    watchdog,
    environment: process.env,
  };
  let port = 0;
  const scaler = new ServiceScaler(
    spec,
    async () => {
      const launched = await launchProcess(spec, context, onLine);
      ({ port } = launched);
      return launched;
    },
    (line) => onLine('stderr', `[local] ${line}`),
  );
  const router = await createRouter({
    port: 0,
    scalers: new Map([[spec.name, scaler]]),
    status: () => scaler.status(),
  });
  const count = (text: string): number => lines.filter((line) => line.includes(text)).length;
  return {
    url: `http://127.0.0.1:${router.port}/${spec.name}`,
    port: router.port,
    router,
    scaler,
    processPort: () => port,
    async said(text, times = 1) {
      while (count(text) < times) await once(heard, 'line');
    },
    count,
    async [Symbol.asyncDispose]() {
      router.kill();
      scaler.kill();
      await router.drain();
      await scaler.close();
      watchdog.close();
      await rm(runDir, { recursive: true, force: true });
    },
  };
}
