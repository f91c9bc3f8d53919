import type {
  ObjectEntry,
  ObjectStore,
} from '../../../functions/runtime/object-store/object-store.ts';
import { ObjectStoreError } from '../../../functions/runtime/object-store/errors.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** One call of a process to the outside, before or after it has had its effect. */
export interface Step {
  /** `put`, `get`, `head`, `list`, `delete` or `publish`. */
  readonly verb: string;
  /** Key, prefix, or type of an event. */
  readonly on: string;
  readonly when: 'before' | 'after';
}

/**
 * What happens at a step: nothing, the process is killed, the call fails as seen from the process, or the store says that
 * it is not allowed.
 */
export type Fate = 'go on' | 'die' | 'fail' | 'refuse';

/** A process that can be killed between any two calls, and a store as it sees it. */
export interface MortalProcess {
  readonly store: ObjectStore;
  /** Runs an effect under the same fates. */
  act<T>(verb: string, on: string, effect: () => Promise<T>): Promise<T>;
  /** Waits by the virtual clock; never ends for a dead process. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** Never resolves: what a dead process does not do. */
  die(): Promise<never>;
  /** Resolves when it dies. */
  readonly death: Promise<'died'>;
  readonly isDead: () => boolean;
}

/**
 * A process whose calls to `inner` meet their fates. `latencyMs` is how long each call takes. Times of the
 * store are those of the virtual clock: what was written when, and what time it is.
 */
export function mortalProcess(
  inner: ObjectStore,
  clock: VirtualClock,
  fateOf: (step: Step) => Fate,
  latencyMs: () => number = () => 0,
): MortalProcess {
  let isDead = false;
  let onDeath: (what: 'died') => void = () => {};
  const death = new Promise<'died'>((resolve) => (onDeath = resolve));
  const never = new Promise<never>(() => {});
  const die = async (): Promise<never> => {
    isDead = true;
    onDeath('died');
    return await never;
  };
  const meet = async (step: Step): Promise<void> => {
    if (isDead) await never;
    const fate = fateOf(step);
    if (fate === 'die') await die();
    if (fate === 'refuse') {
      const options = { code: 'AccessDenied', status: 403, transient: false };
      throw new ObjectStoreError(`${step.verb} ${step.on}: 403 AccessDenied`, options);
    }
    if (fate === 'fail') {
      const options = { code: 'ECONNRESET', transient: true };
      throw new ObjectStoreError(`${step.verb} ${step.on}: lost ${step.when}`, options);
    }
  };
  const wait = async (ms: number, signal?: AbortSignal): Promise<void> => {
    await clock.wait(ms, signal);
    if (isDead) await never;
  };
  const act = async <T>(verb: string, on: string, effect: () => Promise<T>): Promise<T> => {
    await meet({ verb, on, when: 'before' });
    const ms = latencyMs();
    if (ms > 0) await wait(ms);
    const result = await clock.hold(effect());
    await meet({ verb, on, when: 'after' });
    return result;
  };
  const store: ObjectStore = {
    bucket: inner.bucket,
    head: (key, options) => act('head', key, () => inner.head(key, options)),
    get: (key, options) =>
      act('get', key, async () => {
        const { meta, body } = await inner.get(key, options);
        // Whole: a stream of the real world would outlive the standing clock.
        const pieces = await Array.fromAsync(body as AsyncIterable<Buffer>);
        const { Readable } = await import('node:stream');
        return { meta, body: Readable.from(pieces) };
      }),
    getBytes: (key, options) => act('get', key, () => inner.getBytes(key, options)),
    put: (key, body, options) => act('put', key, () => inner.put(key, body, options)),
    putStream: (key, pieces, options) =>
      act('put', key, () => inner.putStream(key, pieces, options)),
    delete: (key, options) => act('delete', key, () => inner.delete(key, options)),
    async *list(options) {
      const entries = await act('list', options.prefix, () =>
        Array.fromAsync<ObjectEntry>(inner.list(options)),
      );
      yield* entries;
    },
    close() {},
  };
  return { store, act, wait, die, death, isDead: () => isDead };
}
