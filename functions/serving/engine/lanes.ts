import type { LoadedModel, Session } from '../../../models/loader/loaded-model.ts';

/** A run that goes on. */
interface Run {
  readonly rows: number;
  readonly startedMs: number;
}

/** Where runs go on, each alone: the session of this thread, or the sessions of a pool that live now. */
export interface Lanes {
  /** Sessions that could run, busy or not. */
  count(): number;
  free(): number;
  /** A session that is free, taken for a run of so many rows; undefined when there is none. */
  take(rows: number): Session | undefined;
  give(session: Session): void;
  /** The runs of sessions that live. */
  running(): { readonly rows: number; readonly elapsedMs: number }[];
}

/** The lanes of one model. */
export function createLanes({ session, pool }: LoadedModel): Lanes {
  const busy = new Map<Session, Run>();
  const inline = [session];
  const live = (): readonly Session[] => pool?.sessions() ?? inline;
  return {
    count: () => live().length,
    free: () => live().filter((lane) => !busy.has(lane)).length,
    take(rows) {
      const lane = live().find((one) => !busy.has(one));
      if (lane !== undefined) busy.set(lane, { rows, startedMs: performance.now() });
      return lane;
    },
    give: (lane) => void busy.delete(lane),
    running() {
      const nowMs = performance.now();
      return live().flatMap((lane) => {
        const run = busy.get(lane);
        return run === undefined ? [] : [{ rows: run.rows, elapsedMs: nowMs - run.startedMs }];
      });
    },
  };
}
