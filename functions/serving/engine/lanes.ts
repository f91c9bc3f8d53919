import type { LoadedModel, Session } from '../../../models/loader/loaded-model.ts';
import type { Waiting } from './request.ts';

/** A run that goes on. */
interface Run {
  readonly session: Session;
  readonly batch: readonly Waiting[];
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
  /** Notes that a session is busy with a batch. */
  begin(session: Session, batch: readonly Waiting[]): void;
  end(session: Session): void;
  /** The runs of sessions that live. */
  running(): { readonly rows: number; readonly elapsedMs: number }[];
  /** What is being run, in whatever session. */
  entries(): readonly Waiting[];
}

/** The lanes of one model. */
export function createLanes({ session: inline, pool }: LoadedModel): Lanes {
  // A new list each time: V8 holds on to what was in a Map that has grown old.
  let runs: readonly Run[] = [];
  const only = [inline];
  const live = (): readonly Session[] => pool?.sessions() ?? only;
  const isFree = (lane: Session): boolean => !runs.some(({ session }) => session === lane);
  return {
    count: () => live().length,
    free() {
      // Asked for with every request; without a pool there is nothing to look through.
      if (pool === undefined) return only.length - runs.length;
      return live().filter(isFree).length;
    },
    next: () => live().find(isFree),
    begin(session, batch) {
      const rows = batch.reduce((sum, { request }) => sum + request.rows, 0);
      runs = [...runs, { session, batch, rows, startedMs: performance.now() }];
    },
    end: (lane) => void (runs = runs.filter(({ session }) => session !== lane)),
    running() {
      if (runs.length === 0) return [];
      const nowMs = performance.now();
      const lanes = live();
      return runs
        .filter(({ session }) => lanes.includes(session))
        .map(({ rows, startedMs }) => ({ rows, elapsedMs: nowMs - startedMs }));
    },
    entries: () => runs.flatMap(({ batch }) => batch),
  };
}
