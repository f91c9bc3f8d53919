import { describe, expect, it } from 'vitest';

import { planGeometry } from '../../../../../functions/inputs/image/geometry.ts';
import { imagePreprocessing } from '../../../../../functions/inputs/image/preprocessing.ts';
import { resizeAndCrop } from '../../../../../functions/inputs/image/resample.ts';
import type { Pixels } from '../../../../../functions/inputs/image/resample.ts';

const rest = { scale: 1, mean: [0, 0, 0], standard_deviation: [1, 1, 1] };
const shorterSide = (side: number, crop: object): unknown => ({
  resize: { shorter_side: side, interpolation: 'bilinear' },
  center_crop: crop,
  ...rest,
});

/** A picture whose every byte tells where it is. */
function picture(width: number, height: number): Pixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, index) => (index * 7) % 251);
  return { width, height, data };
}

describe('planGeometry()', () => {
  it.each([
    ['a wide picture', [640, 480], 232, 224, { resized: [309, 232], left: 42, top: 4 }],
    ['a tall picture', [480, 641], 232, 224, { resized: [232, 309], left: 4, top: 42 }],
    ['a square', [100, 100], 232, 224, { resized: [232, 232], left: 4, top: 4 }],
    [
      'a half that is rounded to even, up',
      [77, 70],
      70,
      70,
      { resized: [77, 70], left: 4, top: 0 },
    ],
    [
      'a half that is rounded to even, down',
      [79, 70],
      70,
      70,
      { resized: [79, 70], left: 4, top: 0 },
    ],
  ])('sizes %s as torchvision does', (_what, [width, height], side, crop, expected) => {
    const preprocessing = imagePreprocessing.parse(
      shorterSide(side, { width: crop, height: crop }),
    );

    const { resized, left, top } = planGeometry(
      { width: width ?? 0, height: height ?? 0 },
      preprocessing,
    );

    expect({ resized: [resized.width, resized.height], left, top }).toEqual(expected);
  });

  it('rounds a half pixel down where the model wants it, as Hugging Face does', () => {
    const crop = { width: 70, height: 70, rounding: 'down' };
    const preprocessing = imagePreprocessing.parse(shorterSide(70, crop));

    expect(planGeometry({ width: 77, height: 70 }, preprocessing).left).toBe(3);
  });

  it('takes an exact size without a crop', () => {
    const resize = { width: 30, height: 20, interpolation: 'bicubic' };
    const preprocessing = imagePreprocessing.parse({ resize, ...rest });

    expect(planGeometry({ width: 1, height: 9000 }, preprocessing)).toEqual({
      resized: { width: 30, height: 20 },
      left: 0,
      top: 0,
      crop: { width: 30, height: 20 },
    });
  });
});

describe('imagePreprocessing', () => {
  it.each([
    ['a crop larger than the shorter side', shorterSide(32, { width: 33, height: 8 })],
    [
      'a shorter side without a crop',
      { resize: { shorter_side: 32, interpolation: 'bilinear' }, ...rest },
    ],
    ['an unknown filter', { resize: { width: 8, height: 8, interpolation: 'lanczos' }, ...rest }],
    [
      'a key that it does not know',
      { ...(shorterSide(32, { width: 8, height: 8 }) as object), pad: 1 },
    ],
  ])('refuses %s', (_what, value) => {
    expect(imagePreprocessing.safeParse(value).success).toBe(false);
  });
});

describe('resizeAndCrop()', () => {
  const whole = (width: number, height: number) => ({
    resized: { width, height },
    left: 0,
    top: 0,
    crop: { width, height },
  });

  it.each(['bilinear', 'bicubic'] as const)(
    'changes nothing at the same size, %s',
    async (filter) => {
      const source = picture(13, 9);

      expect(await resizeAndCrop(source, whole(13, 9), filter)).toEqual(source);
    },
  );

  it('cuts the same pixels out of the whole', async () => {
    const source = picture(40, 31);
    const all = await resizeAndCrop(source, whole(17, 11), 'bicubic');

    const crop = {
      resized: { width: 17, height: 11 },
      left: 5,
      top: 3,
      crop: { width: 6, height: 4 },
    };
    const part = await resizeAndCrop(source, crop, 'bicubic');

    const rows = Array.from({ length: 4 }, (_, row) => {
      const start = ((row + 3) * 17 + 5) * 3;
      return [...all.data.subarray(start, start + 6 * 3)];
    });
    expect([...part.data]).toEqual(rows.flat());
  });

  it('lets other work in between', async () => {
    let turns = 0;
    let done = false;
    const count = (): void => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);

    await resizeAndCrop(picture(3000, 3000), whole(200, 200), 'bicubic');
    done = true;

    expect(turns).toBeGreaterThan(3);
  });
});
