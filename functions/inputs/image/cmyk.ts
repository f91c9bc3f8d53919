import type { Pixels } from './resample.ts';
import { createTurns } from '../turns.ts';

/**
 * Four channels of ink, 255 for full, to RGB without a colour profile, to the last bit as Pillow does it. Works
 * in slices of a few milliseconds.
 * https://github.com/python-pillow/Pillow/blob/13.0.0/src/libImaging/Convert.c
 */
export async function cmykToRgb({ width, height, data: ink }: Pixels): Promise<Pixels> {
  const turns = createTurns();
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row += 1) {
    convertRow(ink, data, row * width, (row + 1) * width);
    if (turns.isOver()) await turns.next();
  }
  return { width, height, data };
}

function convertRow(ink: Uint8Array, rgb: Uint8Array, start: number, end: number): void {
  for (let pixel = start; pixel < end; pixel += 1) {
    const light = 255 - (ink[pixel * 4 + 3] ?? 0);
    for (let channel = 0; channel < 3; channel += 1) {
      const shade = share(ink[pixel * 4 + channel] ?? 0, light);
      rgb[pixel * 3 + channel] = Math.max(0, light - shade);
    }
  }
}

/** `a * b / 255`, rounded, as Pillow's MULDIV255 computes it. */
function share(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}
