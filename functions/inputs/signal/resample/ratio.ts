/** From one sampling rate to another: `up` samples for every `down`, without a common factor. */
export interface Ratio {
  readonly up: number;
  readonly down: number;
}

/** A filter for larger numbers would cost more than the exactness is worth. */
const LARGEST_FACTOR = 1000;

/**
 * The ratio of two rates, of whole numbers up to 1000. Others are rounded to the nearest such ratio; who resamples
 * back by the inverse has every sample in its place again.
 */
export function ratioOf(fromHz: number, toHz: number): Ratio {
  if (toHz > fromHz) {
    const { up, down } = nearestFraction(fromHz / toHz);
    return { up: down, down: up };
  }
  return nearestFraction(toHz / fromHz);
}

/** The same by the inverse. */
export function inverse({ up, down }: Ratio): Ratio {
  return { up: down, down: up };
}

/** How many samples there are after resampling; enough that resampling back gives no fewer than there were. */
export function resampledLength(length: number, { up, down }: Ratio): number {
  return Math.ceil((length * up) / down);
}

/**
 * The fraction up to 1 that is nearest to `value`, by its continued fraction, as Python's
 * `Fraction.limit_denominator` finds it. At least 1/1000.
 */
function nearestFraction(value: number): Ratio {
  if (value < 1 / LARGEST_FACTOR) return { up: 1, down: LARGEST_FACTOR };
  let [before, beforeBelow, above, below] = [0, 1, 1, 0];
  let rest = value;
  for (;;) {
    const whole = Math.floor(rest);
    const nextBelow = beforeBelow + whole * below;
    if (nextBelow > LARGEST_FACTOR) break;
    [before, beforeBelow, above, below] = [above, below, before + whole * above, nextBelow];
    const fraction = rest - whole;
    // What is left are the last bits of the division.
    if (fraction < 1e-9) return { up: above, down: below };
    rest = 1 / fraction;
  }
  const steps = Math.floor((LARGEST_FACTOR - beforeBelow) / below);
  const other = { up: before + steps * above, down: beforeBelow + steps * below };
  const isNearer = Math.abs(other.up / other.down - value) < Math.abs(above / below - value);
  return isNearer ? other : { up: above, down: below };
}
