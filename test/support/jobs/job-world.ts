import { EVENT_CATALOGUE } from '../../../events/catalogue.ts';
import { EVENT_TYPES } from '../../../events/types.ts';
import type { JobContext } from '../../../events/jobs/job-context.ts';
import type { JobEvent } from '../../../events/jobs/job-events.ts';
import { runChunk } from '../../../events/jobs/run-chunk.ts';
import type { ChunkOutcome } from '../../../events/jobs/run-chunk.ts';
import { startJob } from '../../../events/jobs/start-job.ts';
import { sweep } from '../../../events/jobs/sweep.ts';
import type {
  ObjectStore,
  PutOptions,
} from '../../../functions/runtime/object-store/object-store.ts';
import { fakeScoring } from './fake-scoring.ts';
import { mortalProcess } from './mortal-process.ts';
import type { Fate, MortalProcess, Step } from './mortal-process.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Who a process is: what it was started for. */
export interface Role {
  readonly name: 'planner' | 'worker' | 'sweeper' | 'client';
  /** Number of processes of that name before it. */
  readonly index: number;
}

/** How things go wrong. What is left out goes right. */
export interface WorldOptions {
  readonly store: ObjectStore;
  readonly clock: VirtualClock;
  readonly fateOf?: (role: Role, step: Step) => Fate;
  /** Virtual ms that each delivery of an event takes; none for a lost event, several for a doubled one. */
  readonly deliver?: (event: JobEvent) => readonly number[];
  /** Virtual ms that a chunk takes. */
  readonly pauseMs?: (role: Role) => number;
  readonly latencyMs?: () => number;
  /** Sweepers at work side by side; without one, lost work stays lost. @default 1 */
  readonly sweepers?: number;
}

/** Planner, workers, sweeper and broker on one virtual clock. */
export interface JobWorld {
  /** What the broker took for others than planner and workers, in order. */
  readonly told: readonly JobEvent[];
  readonly outcomes: readonly ChunkOutcome[];
  /** Warnings of all processes: what was to be made good later. */
  readonly warnings: readonly string[];
  /** How often each key was written with success. */
  readonly writes: ReadonlyMap<string, number>;
  context(role: Role['name']): JobContext;
  /** Lets time pass until the job is over and announced; false when it is not within an hour and a half. */
  run(jobId: string): Promise<boolean>;
}

/** What planner and workers listen to. */
const OWN: ReadonlySet<string> = new Set([EVENT_TYPES.jobSubmitted, EVENT_TYPES.chunkRequested]);

const SWEEP_EVERY_MS = 15_000;
const RETRIES = 6;
const RUN_MS = 90 * 60 * 1000;

/** A world in which nothing has happened yet. */
export function jobWorld(options: WorldOptions): JobWorld {
  const { clock, deliver = () => [5], sweepers = 1 } = options;
  const told: JobEvent[] = [];
  const outcomes: ChunkOutcome[] = [];
  const warnings: string[] = [];
  const writes = new Map<string, number>();
  const counts = new Map<string, number>();
  let nonces = 0;

  const store: ObjectStore = {
    ...options.store,
    head: (key, more) => options.store.head(key, more),
    get: (key, more) => options.store.get(key, more),
    getBytes: (key, more) => options.store.getBytes(key, more),
    list: (more) => options.store.list(more),
    delete: (key, more) => options.store.delete(key, more),
    async putStream(key, pieces, more) {
      const written = await options.store.putStream(key, pieces, more);
      writes.set(key, (writes.get(key) ?? 0) + 1);
      return written;
    },
    async put(key: string, body: Uint8Array | string, more?: PutOptions) {
      const written = await options.store.put(key, body, more);
      writes.set(key, (writes.get(key) ?? 0) + 1);
      return written;
    },
  };
  const start = (
    name: Role['name'],
  ): { process: MortalProcess; context: JobContext; role: Role } => {
    const role: Role = { name, index: counts.get(name) ?? 0 };
    counts.set(name, role.index + 1);
    const fateOf = (step: Step): Fate => options.fateOf?.(role, step) ?? 'go on';
    const process = mortalProcess(store, clock, fateOf, options.latencyMs);
    const context: JobContext = {
      store: process.store,
      publish: (event) => {
        EVENT_CATALOGUE[event.type].data.parse(event.data);
        return process.act('publish', event.type, async () => receive(event));
      },
      nonce: () => `nonce-${(nonces += 1)}`,
      now: clock.now,
      wait: (ms, signal) => process.wait(ms, signal),
      warn: (message, cause) => warnings.push(`${message}: ${String(cause)}`),
    };
    return { process, context, role };
  };
  const receive = (event: JobEvent): void => {
    // For others than us: whether they get it is the broker's affair, who has taken it.
    if (!OWN.has(event.type)) {
      told.push(event);
      return;
    }
    for (const ms of deliver(event)) {
      void clock.wait(ms).then(() => void handle(event, 0));
    }
  };
  const handle = async (event: JobEvent, attempt: number): Promise<void> => {
    const data = event.data as { readonly jobId: string; readonly chunk: number };
    let done: Promise<unknown> | undefined;
    let process: MortalProcess | undefined;
    if (event.type === EVENT_TYPES.jobSubmitted) {
      const planner = start('planner');
      process = planner.process;
      const owner = `planner-${planner.role.index}`;
      done = startJob(planner.context, data.jobId, { owner });
    } else if (event.type === EVENT_TYPES.chunkRequested) {
      const worker = start('worker');
      process = worker.process;
      const pauseMs = (): number => options.pauseMs?.(worker.role) ?? 1000;
      const score = fakeScoring(worker.process, pauseMs);
      const owner = `worker-${worker.role.index}`;
      done = runChunk(worker.context, data, score, { owner }).then((outcome) =>
        outcomes.push(outcome),
      );
    }
    if (done === undefined || process === undefined) return;
    const end = await Promise.race([done.catch(() => 'failed'), process.death]);
    if ((end === 'failed' || end === 'died') && attempt < RETRIES) {
      await clock.wait(200 * 2 ** attempt);
      await handle(event, attempt + 1);
    }
  };
  const sweepForever = async (): Promise<void> => {
    for (;;) {
      await clock.wait(SWEEP_EVERY_MS);
      const { process, context } = start('sweeper');
      await Promise.race([sweep(context).catch(() => {}), process.death]);
    }
  };
  for (let count = 0; count < sweepers; count += 1) void sweepForever();

  return {
    told,
    outcomes,
    warnings,
    writes,
    context: (name) => start(name).context,
    run: (jobId) =>
      clock.runUntil(
        () =>
          told.some(({ type, subject }) => type === EVENT_TYPES.jobCompleted && subject === jobId),
        RUN_MS,
      ),
  };
}
