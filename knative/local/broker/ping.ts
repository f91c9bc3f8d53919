import { publish } from '../../../events/publish.ts';
import type { PingSpec } from '../manifests/eventing-spec.ts';
import { waitFor } from './backoff.ts';
import { nextRun } from './schedule.ts';

/** What a PingSource needs. */
export interface PingOptions {
  readonly url: string;
  readonly log: (line: string) => void;
  /** A clock for tests. @default the real one */
  readonly now?: () => Date;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Node's timers take no more at once. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;
/** A sink may hold its answer back while it works. */
const DEADLINE_MS = 300_000;

/** Sends an event at every minute that a schedule names, until it is disposed of. */
export function startPing(spec: PingSpec, options: PingOptions): Disposable {
  const stopping = new AbortController();
  void run(spec, options, stopping.signal);
  return { [Symbol.dispose]: () => stopping.abort() };
}

async function run(
  spec: PingSpec,
  { url, log, now = () => new Date(), wait = waitFor }: PingOptions,
  signal: AbortSignal,
): Promise<void> {
  let due = nextRun(spec.schedule, now());
  while (!signal.aborted) {
    const ms = due.getTime() - now().getTime();
    if (ms > 0) {
      await wait(Math.min(ms, LONGEST_WAIT_MS), signal).catch(() => undefined);
      continue;
    }
    // Sent beside the next wait: a sink that is slow must not shift the schedule.
    publish(pingEvent(spec, due), { url, signal, deadlineMs: DEADLINE_MS }).catch(
      (cause: unknown) => {
        if (!signal.aborted) log(`PingSource ${spec.name}: ${(cause as Error).message}`);
      },
    );
    due = nextRun(spec.schedule, now());
  }
}

/** https://github.com/knative/eventing/blob/main/pkg/adapter/mtping/runner.go */
function pingEvent(spec: PingSpec, due: Date): Parameters<typeof publish>[0] {
  return {
    ...spec.extensions,
    id: crypto.randomUUID(),
    type: 'dev.knative.sources.ping',
    source: `/apis/v1/namespaces/${spec.namespace}/pingsources/${spec.name}`,
    time: due.toISOString(),
    ...(spec.data === undefined
      ? {}
      : { data: spec.data, datacontenttype: spec.contentType ?? 'application/octet-stream' }),
  };
}
