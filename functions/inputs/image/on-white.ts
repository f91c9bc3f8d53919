import type { Pixels } from './resample.ts';
import { createTurns } from '../turns.ts';

/**
 * Four channels, the last of them alpha, to RGB on a white ground, to the last bit as Pillow's `alpha_composite` does
 * it. Works in slices of a few milliseconds.
 * https://github.com/python-pillow/Pillow/blob/13.0.0/src/libImaging/AlphaComposite.c
 */
export async function onWhite({ width, height, data: rgba }: Pixels): Promise<Pixels> {
  const turns = createTurns();
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row += 1) {
    blendRow(rgba, data, row * width, (row + 1) * width);
    if (turns.isOver()) await turns.next();
  }
  return { width, height, data };
}

function blendRow(rgba: Uint8Array, rgb: Uint8Array, start: number, end: number): void {
  for (let pixel = start; pixel < end; pixel += 1) {
    const alpha = rgba[pixel * 4 + 3] ?? 0;
    const white = 255 * (255 - alpha);
    for (let channel = 0; channel < 3; channel += 1) {
      rgb[pixel * 3 + channel] = dividedBy255((rgba[pixel * 4 + channel] ?? 0) * alpha + white);
    }
  }
}

/** Rounded, with 7 bits of fraction in between. */
function dividedBy255(product: number): number {
  const precise = (product + 128) * 128;
  return ((precise >> 8) + precise) >> 15;
}
