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
  /** One that is free; undefined when there is none. */
  next(): Session | undefined;
  /** Notes that a session is busy with so many rows. */
  begin(session: Session, rows: number): void;
  end(session: Session): void;
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
    free() {
      // Asked for with every request; without a pool there is nothing to look through.
      if (pool === undefined) return inline.length - busy.size;
      return live().filter((lane) => !busy.has(lane)).length;
    },
    next: () => live().find((lane) => !busy.has(lane)),
    begin: (lane, rows) => void busy.set(lane, { rows, startedMs: performance.now() }),
    end: (lane) => void busy.delete(lane),
    running() {
      const nowMs = performance.now();
      return live().flatMap((lane) => {
        const run = busy.get(lane);
        return run === undefined ? [] : [{ rows: run.rows, elapsedMs: nowMs - run.startedMs }];
      });
    },
  };
}
