import type { ServiceSpec } from '../../knative/local/manifests/read-services.ts';
import type { ServiceChange } from '../../knative/local/traffic/update-services.ts';

/** What a reload is made of. */
export interface ReloadSteps {
  /** The Services as the manifests say now. */
  readonly read: () => Promise<readonly ServiceSpec[]>;
  /** Publishes model packages that are new. */
  readonly publish: () => Promise<void>;
  /** Builds the program of a Service; whether it changed. */
  readonly rebuild: (service: ServiceSpec) => Promise<boolean>;
  readonly update: (
    specs: readonly ServiceSpec[],
    newCode: ReadonlySet<string>,
    signal: AbortSignal,
  ) => Promise<readonly ServiceChange[]>;
  /** Gets lines for people. */
  readonly say: (line: string) => void;
}

/**
 * Takes over what changed. A fault (a manifest that is half saved, code that does not build, a process that
 * does not start) is said, and what serves goes on serving; the next change tries again. Never rejects.
 * @param signal Aborted when something changed once more: what is not ready yet is given up, without a word.
 * @param pending Services with code that has not been taken over yet; kept from one call to the next.
 */
export async function reload(
  steps: ReloadSteps,
  pending: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  const { read, publish, rebuild, update, say } = steps;
  const goesOn = (what: string, cause: unknown): void =>
    say(`${what}: ${(cause as Error).message.trim()}\nWhat was there goes on serving.`);
  await publish().catch((cause: unknown) => goesOn('Models not published', cause));
  try {
    const specs = await read();
    for (const spec of specs) {
      try {
        if (await rebuild(spec)) pending.add(spec.name);
      } catch (cause) {
        goesOn(`${spec.name} does not build`, cause);
      }
    }
    for (const change of await update(specs, new Set(pending), signal)) {
      if (change.kind === 'refused') {
        if (!signal.aborted) goesOn(`${change.service} not taken over`, change.cause);
        continue;
      }
      pending.delete(change.service);
      if (change.kind === 'updated') say(`${change.service}: ${change.revision} serves`);
      else if (change.kind !== 'unchanged') say(`${change.service}: ${change.kind}`);
    }
  } catch (cause) {
    goesOn('Manifests not taken over', cause);
  }
}

/**
 * A function that runs `task`, one run at a time. Calls during a run abort its signal and make one more run
 * after it, since the run may have read what changed before it changed.
 */
export function oneAtATime(task: (signal: AbortSignal) => Promise<void>): () => void {
  let running: AbortController | undefined;
  const run = async (): Promise<void> => {
    let isAskedAgain: boolean;
    do {
      running = new AbortController();
      await task(running.signal);
      isAskedAgain = running.signal.aborted;
    } while (isAskedAgain);
    running = undefined;
  };
  return () => {
    if (running) running.abort(new Error('Something changed once more'));
    else void run();
  };
}
