import { join } from 'node:path';

import type { RevisionSpec } from '../manifests/read-services.ts';
import { processEnvironment, type ProcessPlace } from './environment.ts';
import { freePort } from './free-port.ts';
import {
  startFunctionProcess,
  type Command,
  type FunctionProcess,
  type LineSink,
} from './function-process.ts';
import { createVolumes, type SecretFiles } from './volumes.ts';
import type { Watchdog } from './watchdog.ts';

/** What runs a Service's function; by default the bundle that `npm run build` makes. */
export interface FunctionRuntime {
  /**
   * The program for one revision, built if need be; called at every start.
   * @throws {Error} When it cannot be built.
   */
  programFor(revision: RevisionSpec): Promise<Command>;
  /**
   * There is a new revision: called once for it, before its first start, by those who keep several states of
   * the code.
   */
  adopt?(revision: RevisionSpec): void;
}

/** What all processes of one stand-in share. */
export interface LaunchContext {
  readonly runtime: FunctionRuntime;
  /** Folder for the volumes of processes. */
  readonly runDir: string;
  readonly s3: ProcessPlace['s3'];
  readonly secrets: ReadonlyMap<string, SecretFiles>;
  readonly watchdog: Watchdog;
  /** Our own environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The broker of a namespace, when it has one. */
  readonly sinkOf: (namespace: string) => string | undefined;
  /** The address of the Service `batch`, when there is one. */
  readonly batchUrl: () => string | undefined;
}

let launches = 0;

/** Starts one process of `revision` with ports and volumes of its own; they go when it goes. */
export async function launchProcess(
  revision: RevisionSpec,
  context: LaunchContext,
  onLine: LineSink,
): Promise<FunctionProcess> {
  const program = await context.runtime.programFor(revision);
  const port = await freePort();
  const metricsPort = revision.env['METRICS_PORT'] === undefined ? undefined : await freePort();
  launches += 1;
  const volumes = await createVolumes(
    join(context.runDir, `${revision.name}-${launches}`),
    revision.mounts,
    context.secrets,
  );
  const started = startFunctionProcess({
    program,
    env: processEnvironment(
      revision,
      {
        port,
        metricsPort,
        s3: context.s3,
        sink: context.sinkOf(revision.namespace),
        batch: context.batchUrl(),
        folders: volumes.folders,
      },
      context.environment,
    ),
    port,
    metricsPort,
    readiness: revision.readiness,
    stopTimeoutMs: revision.timeoutMs,
    watchdog: context.watchdog,
    onLine,
  });
  void started.exited.then(() => volumes.remove()).catch(() => undefined);
  return started;
}
