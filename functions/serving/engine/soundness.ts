import type { LoadedModel, Session } from '../../../models/loader/loaded-model.ts';
import { backoffMs } from '../../../models/loader/backoff.ts';

/** Whether a model still computes what it computed when it was loaded. */
export interface Soundness {
  isSound(): boolean;
  /**
   * Runs the golden example where a run has failed. When it fails too, a session with a process of its own is
   * replaced; without one the model is unsound until a later proof passes.
   */
  prove(session: Session): Promise<boolean>;
  /** Milliseconds to the next proof of an unsound model. */
  retryInMs(): number;
}

/** Between the proofs of a model that failed its last one. */
const REPROOF = { firstMs: 1000, capMs: 30_000, random: Math.random };

/** The soundness of a model that has just been proven. `onSound` is called when it has become so again. */
export function createSoundness(model: LoadedModel, onSound: () => void): Soundness {
  let sound = true;
  let failures = 0;
  let nextProofMs = 0;

  function proveLater(): void {
    sound = false;
    failures += 1;
    const waitMs = backoffMs(failures, REPROOF);
    nextProofMs = performance.now() + waitMs;
    // Nobody is to wait for this at the end of the process.
    setTimeout(() => void proveAgain(), waitMs).unref();
  }

  async function proveAgain(): Promise<void> {
    try {
      await model.proveGolden();
    } catch {
      proveLater();
      return;
    }
    sound = true;
    failures = 0;
    onSound();
  }

  return {
    isSound: () => sound,
    async prove(session) {
      if (!sound) return false;
      try {
        await model.proveGolden(session);
        return true;
      } catch {
        if (model.pool !== undefined) model.pool.replace(session, 'failed its golden example');
        else if (sound) proveLater();
        return false;
      }
    },
    retryInMs: () => Math.max(0, nextProofMs - performance.now()),
  };
}
