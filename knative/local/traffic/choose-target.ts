/** Something that gets a share of requests. */
export interface Share {
  /** 0 to 100; all shares together are 100. */
  readonly percent: number;
}

/**
 * The target of one request: each gets its percent of them, in no order.
 * @param random From 0 to below 1.
 */
export function chooseTarget<T extends Share>(targets: readonly T[], random: () => number): T {
  let left = random() * 100;
  for (const target of targets) {
    left -= target.percent;
    if (left < 0) return target;
  }
  throw new RangeError('The percents of the targets are not 100 together');
}
