import type { EventingSpec } from '../../knative/local/manifests/eventing-spec.ts';
import type { ServiceSpec } from '../../knative/local/manifests/read-services.ts';
import type { FunctionRuntime } from '../../knative/local/process/launch.ts';
import { startStandIn, type StandIn } from '../../knative/local/stand-in.ts';
import type { StandInStatus } from '../../knative/local/status.ts';
import type { S3Access } from '../../knative/local/storage.ts';
import type { StartSettings } from './settings.ts';
import { onStopSignals } from './stop-signals.ts';

/** What to serve and how. */
export interface ServeOptions {
  readonly services: readonly ServiceSpec[];
  readonly eventing: EventingSpec;
  readonly settings: StartSettings;
  readonly runtime: FunctionRuntime;
  /** Puts into the store what the Services need. */
  readonly prepare: (s3: S3Access) => Promise<void>;
  /** What to print once it can serve. */
  readonly greet: (status: StandInStatus) => Promise<string>;
  /** Called once it serves; what it returns is disposed of before the end. */
  readonly watch?: (standIn: StandIn) => Disposable;
}

/**
 * Runs the stand-in until a signal ends the process: the first drains and exits 0, the second exits 130.
 * @throws {Error} When it cannot start; nothing is left running then.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { services, eventing, settings, runtime, prepare, greet } = options;
  let wantsStop = false;
  let stop = (): void => {
    wantsStop = true;
  };
  let kill = (): void => undefined;
  onStopSignals(
    {
      stop: () => stop(),
      kill() {
        kill();
        process.exit(130);
      },
    },
    Number(process.env['PILOTLIGHT_PARENT_PID'] ?? NaN),
  );

  const standIn = await startStandIn({
    ...settings,
    services,
    eventing,
    runtime,
    prepare,
    environment: process.env,
    onLine: (service, stream, line) => process[stream].write(`${service} | ${line}\n`),
  });
  kill = () => standIn.kill();
  const watching = options.watch?.(standIn);
  stop = () => {
    watching?.[Symbol.dispose]();
    process.stdout.write('Stopping: requests in flight finish first. Ctrl-C again ends them.\n');
    void standIn.close().then(() => process.exit(0));
  };
  if (wantsStop) stop();
  else process.stdout.write(await greet(standIn.status()));
}
