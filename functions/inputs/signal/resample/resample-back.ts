import { applyPolyphase, createPolyphase, neededFor } from './polyphase.ts';
import type { Ratio } from './ratio.ts';

/** Takes a signal piece by piece. */
export interface SampleSink {
  /** @param pieces Right after those of the call before. Not kept. */
  push(pieces: Float64Array): void;
}

/**
 * A sink that resamples what it is given by `ratio` into `target`, as soon as it has what a sample needs, and holds
 * only what is needed again.
 * @param wholeLength How many samples it will be given in all; enough for every sample of `target`.
 */
export function createResampleBack(
  ratio: Ratio,
  wholeLength: number,
  target: Float32Array,
): SampleSink {
  if (ratio.up === ratio.down) return createCopy(target);
  const filter = createPolyphase(ratio);
  let held = new Float64Array(0);
  let heldFrom = 0;
  let written = 0;
  return {
    push(pieces) {
      const samples = new Float64Array(held.length + pieces.length);
      samples.set(held);
      samples.set(pieces, held.length);
      const end = heldFrom + samples.length;
      let ready = target.length;
      if (end < wholeLength) {
        // The last sample whose neighbours are all there.
        const last = Math.floor(((end - filter.reach) * filter.up) / filter.down) - 1;
        ready = Math.min(target.length, Math.max(written, last));
      }
      const stretch = { start: heldFrom, samples, wholeLength };
      applyPolyphase(filter, stretch, written, ready - written, target.subarray(written));
      written = ready;
      if (written === target.length) return;
      const next = neededFor(filter, written, 1, wholeLength).start;
      held = samples.slice(Math.min(next, end) - heldFrom);
      heldFrom = Math.min(next, end);
    },
  };
}

function createCopy(target: Float32Array): SampleSink {
  let written = 0;
  return {
    push(pieces) {
      target.set(pieces.subarray(0, target.length - written), written);
      written = Math.min(target.length, written + pieces.length);
    },
  };
}
