import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as z from 'zod';

import { imagePreprocessing } from '../../functions/inputs/image/preprocessing.ts';
import type { ImagePreprocessing } from '../../functions/inputs/image/preprocessing.ts';

const DIR = join(import.meta.dirname, '../fixtures/images');

const pillowFile = z.strictObject({
  producer: z.string(),
  geometries: z.record(z.string(), z.unknown()),
  pixels: z.record(z.string(), z.record(z.string(), z.base64())),
});

/** A picture of `test/fixtures/images`, and what Pillow makes of it. */
export interface PillowCase {
  readonly file: string;
  /** Name of the geometry. */
  readonly geometry: string;
  readonly preprocessing: ImagePreprocessing;
  /** RGB, 8 bits each, row by row. */
  readonly pixels: Buffer;
}

/** The bytes of a file of `test/fixtures/images`. */
export function readFixture(file: string): Promise<Buffer> {
  return readFile(join(DIR, file));
}

/** Every picture with every geometry, as models/image/train/fixtures.py wrote them. */
export async function pillowCases(): Promise<PillowCase[]> {
  const parsed = pillowFile.parse(JSON.parse(String(await readFixture('pillow.json'))));
  return Object.entries(parsed.pixels).flatMap(([file, byGeometry]) =>
    Object.entries(byGeometry).map(([geometry, pixels]) => ({
      file,
      geometry,
      preprocessing: imagePreprocessing.parse({
        ...(parsed.geometries[geometry] as object),
        scale: 1 / 255,
        mean: [0, 0, 0],
        standard_deviation: [1, 1, 1],
      }),
      pixels: Buffer.from(pixels, 'base64'),
    })),
  );
}
