/** The value in seven digits, which are what 32 bits hold. */
export function shortened(value: number): number {
  return Number(value.toPrecision(7));
}
