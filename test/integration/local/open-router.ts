import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type {
  RevisionTemplate,
  ServiceSpec,
} from '../../../knative/local/manifests/read-services.ts';
import type { LineSink } from '../../../knative/local/process/function-process.ts';
import { launchProcess } from '../../../knative/local/process/launch.ts';
import { startWatchdog } from '../../../knative/local/process/watchdog.ts';
import { createRouter, type Router } from '../../../knative/local/router/create-router.ts';
import { RevisionScaler } from '../../../knative/local/scaler/revision-scaler.ts';
import { LocalService } from '../../../knative/local/traffic/local-service.ts';
import { patientScale } from '../../support/scale-settings.ts';

/** What a Service of tests is unless told otherwise: patient, and gone only after ten minutes. */
const DEFAULTS: RevisionTemplate = {
  env: {},
  mounts: [],
  readiness: { kind: 'http', path: '/ready' },
  scale: patientScale(),
  containerConcurrency: 0,
  timeoutMs: 60_000,
  responseStartTimeoutMs: 60_000,
};

/** A Service of tests; what is not given is as in {@link openRouter}. */
export function fixtureService(
  template: Partial<RevisionTemplate> = {},
  service: Partial<ServiceSpec> = {},
): ServiceSpec {
  return {
    name: 'fixture',
    namespace: 'tests',
    revisionName: undefined,
    template: { ...DEFAULTS, ...template },
    traffic: [{ revisionName: undefined, percent: 100, tag: undefined }],
    ...service,
  };
}

/** A router with one Service whose process is a fixture program. */
export interface TestRouter extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly router: Router;
  readonly service: LocalService;
  /** The revision that gets the next request. */
  readonly scaler: RevisionScaler;
  /** Where the process that was started last listens, for requests past the router. */
  processPort(): number;
  /** Where each process listens that was started. */
  ports(): readonly number[];
  /** Resolves when the process or the scaler has said a line with `text`, `times` in all. */
  said(text: string, times?: number): Promise<void>;
  /** How often a line with `text` has been said. */
  count(text: string): number;
}

/** Opens one; `program` is a file of `test/fixtures/local`. */
export async function openRouter(
  template: Partial<RevisionTemplate> = {},
  program = 'function.mjs',
  random: () => number = Math.random,
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
  const context = {
    runtime: { programFor: () => Promise.resolve({ command: process.execPath, args: [script] }) },
    runDir,
    s3: { endpoint: 'http://127.0.0.1:9', region: 'us-east-1' },
    secrets: new Map([['s3-models', { 'access-key-id': 'key', 'secret-access-key': 'secret' }]]),
    watchdog,
    sinkOf: () => undefined,
    batchUrl: () => undefined,
    environment: process.env,
  };
  const ports: number[] = [];
  const service = new LocalService(fixtureService(template), {
    known: [],
    random,
    onRevision: () => undefined,
    createScaler: (revision) =>
      new RevisionScaler(
        revision,
        async () => {
          const launched = await launchProcess(revision, context, onLine);
          ports.push(launched.port);
          return launched;
        },
        (line) => onLine('stderr', `[local] ${line}`),
      ),
  });
  const router = await createRouter({
    port: 0,
    services: new Map([[service.name, service]]),
    status: () => service.status(),
  });
  const count = (text: string): number => lines.filter((line) => line.includes(text)).length;
  return {
    url: `http://127.0.0.1:${router.port}/${service.name}`,
    port: router.port,
    router,
    service,
    get scaler() {
      return service.choose(undefined);
    },
    processPort: () => ports.at(-1) ?? 0,
    ports: () => ports,
    async said(text, times = 1) {
      while (count(text) < times) await once(heard, 'line');
    },
    count,
    async [Symbol.asyncDispose]() {
      router.kill();
      service.kill();
      await router.drain();
      await service.close();
      watchdog.close();
      await rm(runDir, { recursive: true, force: true });
    },
  };
}
