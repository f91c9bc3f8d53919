import type { Pixels } from './resample.ts';

/**
 * Four channels of ink, 255 for full, to RGB without a colour profile, to the last bit as Pillow does it.
 * https://github.com/python-pillow/Pillow/blob/13.0.0/src/libImaging/Convert.c
 */
export function cmykToRgb({ width, height, data: ink }: Pixels): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let [from, to] = [0, 0]; from < ink.length; from += 4, to += 3) {
    const light = 255 - (ink[from + 3] ?? 0);
    for (let channel = 0; channel < 3; channel += 1) {
      data[to + channel] = Math.max(0, light - share(ink[from + channel] ?? 0, light));
    }
  }
  return { width, height, data };
}

/** `a * b / 255`, rounded, as Pillow's MULDIV255 computes it. */
function share(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}
