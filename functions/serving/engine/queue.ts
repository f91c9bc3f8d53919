import { ClientGoneError } from '../../runtime/client-gone.ts';
import type { Waiting } from './request.ts';
import { takeBatch } from './take-batch.ts';

/** The requests that wait for one model, in order of arrival, and how much they hold. */
export interface WaitingQueue {
  push(entry: Waiting): void;
  /** Puts entries before all others: they had their turn already. */
  pushFront(entries: readonly Waiting[]): void;
  /** Takes one out; false when it is not there. */
  remove(entry: Waiting): boolean;
  /** Takes the next run out: see {@link takeBatch}. */
  take(maxRows: number): readonly Waiting[];
  /** Takes everything out. */
  takeAll(): readonly Waiting[];
  /** Takes those out whose client has gone, and fails them. */
  dropAbandoned(): void;
  /** As they are now. */
  entries(): readonly Waiting[];
  isEmpty(): boolean;
  rows(): number;
  bytes(): number;
}

/** An empty queue. */
export function createQueue(): WaitingQueue {
  let entries: Waiting[] = [];
  let rows = 0;
  let bytes = 0;

  function count(changed: readonly Waiting[], sign: 1 | -1): void {
    for (const entry of changed) {
      rows += sign * entry.request.rows;
      bytes += sign * entry.bytes;
    }
  }

  return {
    push(entry) {
      entries.push(entry);
      count([entry], 1);
    },
    pushFront(more) {
      entries = [...more, ...entries];
      count(more, 1);
    },
    remove(entry) {
      const index = entries.indexOf(entry);
      if (index === -1) return false;
      entries.splice(index, 1);
      count([entry], -1);
      return true;
    },
    take(maxRows) {
      const { taken, left } = takeBatch(entries, maxRows);
      entries = left;
      count(taken, -1);
      return taken;
    },
    takeAll() {
      const all = entries;
      entries = [];
      count(all, -1);
      return all;
    },
    dropAbandoned() {
      const gone = entries.filter(({ request }) => request.isAbandoned?.() === true);
      if (gone.length === 0) return;
      entries = entries.filter((entry) => !gone.includes(entry));
      count(gone, -1);
      for (const entry of gone) entry.reject(new ClientGoneError('The client went away'));
    },
    entries: () => [...entries],
    isEmpty: () => entries.length === 0,
    rows: () => rows,
    bytes: () => bytes,
  };
}
