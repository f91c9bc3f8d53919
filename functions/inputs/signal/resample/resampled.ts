import type { Samples } from '../recording.ts';
import { applyPolyphase, createPolyphase, neededFor } from './polyphase.ts';
import { resampledLength } from './ratio.ts';
import type { Ratio } from './ratio.ts';

/** The samples at another rate, worked out when they are read: nothing but the stretch that is asked for is held. */
export function resampled(samples: Samples, ratio: Ratio): Samples {
  if (ratio.up === ratio.down) return samples;
  const filter = createPolyphase(ratio);
  let scratch = new Float64Array(0);
  return {
    length: resampledLength(samples.length, ratio),
    read(start, count, target) {
      if (count === 0) return;
      const needed = neededFor(filter, start, count, samples.length);
      const size = needed.end - needed.start;
      if (scratch.length < size) scratch = new Float64Array(size);
      samples.read(needed.start, size, scratch);
      const stretch = { start: needed.start, samples: scratch, wholeLength: samples.length };
      applyPolyphase(filter, stretch, start, count, target);
    },
  };
}
