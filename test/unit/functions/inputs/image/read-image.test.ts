import { describe, expect, it } from 'vitest';

import { inputSize } from '../../../../../functions/inputs/image/preprocessing.ts';
import { readImage } from '../../../../../functions/inputs/image/read-image.ts';
import { InvalidImageError } from '../../../../../functions/runtime/errors.ts';
import { pillowCases, readFixture } from '../../../../support/image-fixtures.ts';

const cases = await pillowCases();
const [first] = cases;
if (first === undefined) throw new Error('There are no fixtures');
const { preprocessing } = first;

function meanDifference(ours: Uint8Array, theirs: Uint8Array): number {
  const sum = theirs.reduce(
    (total, value, index) => total + Math.abs(value - (ours[index] ?? 255)),
    0,
  );
  return sum / theirs.length;
}

describe('readImage()', () => {
  it.each(cases)('gives $file, $geometry, as Pillow does', async (one) => {
    const { width, height, data } = await readImage(await readFixture(one.file), one.preprocessing);

    expect({ width, height }).toMatchObject(inputSize(one.preprocessing));
    expect(data.length).toBe(one.pixels.length);
    // On x64 the pixels are equal; decoders of other platforms may round differently.
    expect(meanDifference(data, one.pixels)).toBeLessThanOrEqual(0.25);
  });

  it.each([
    ['animated.png', 'The PNG image is animated: send one frame'],
    ['animated.webp', 'The WebP image is animated: send one frame'],
    ['one.gif', 'Not an image that is read here: send JPEG, PNG or WebP'],
    ['one.tiff', 'Not an image that is read here: send JPEG, PNG or WebP'],
    ['one.bmp', 'Not an image that is read here: send JPEG, PNG or WebP'],
    ['pillow.json', 'Not an image that is read here: send JPEG, PNG or WebP'],
  ])('refuses %s', async (file, message) => {
    await expect(readImage(await readFixture(file), preprocessing)).rejects.toThrow(
      new InvalidImageError(message),
    );
  });

  const formats = [
    'noise.png',
    'noise.jpg',
    'rgb-progressive.jpg',
    'noise.webp',
    'rgb-lossless.webp',
  ];

  it.each(formats)('refuses %s wherever it is cut off', async (file) => {
    const whole = await readFixture(file);
    // The last bytes may be missing when they are not pixels: the checksum and end of PNG, the end of JPEG.
    for (let length = 0; length < whole.length * 0.9; length += Math.ceil(whole.length / 40)) {
      const cut = Buffer.from(whole.subarray(0, length));
      const outcome = readImage(cut, preprocessing);
      await expect(outcome, `${length} of ${whole.length} bytes`).rejects.toThrow(
        InvalidImageError,
      );
    }
  });

  it.each(formats)('never throws anything but InvalidImageError for damaged %s', async (file) => {
    const whole = await readFixture(file);
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 60)) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0xa5;
      const cause = await readImage(damaged, preprocessing).catch((error: unknown) => error);
      if (cause instanceof Error) expect(cause).toBeInstanceOf(InvalidImageError);
    }
  });

  it('refuses a picture that resizing would blow up', async () => {
    const header = Buffer.from(await readFixture('rgb.png'));
    header.writeUInt32BE(1, 16);
    header.writeUInt32BE(20_000_000, 20);

    await expect(readImage(header, preprocessing)).rejects.toThrow(
      'The image is too elongated: 1 x 20000000 pixels',
    );
  });

  it('reads many at once', async () => {
    const bytes = await readFixture('noise.jpg');
    const alone = await readImage(bytes, preprocessing);

    const together = await Promise.all(
      Array.from({ length: 40 }, () => readImage(bytes, preprocessing)),
    );

    for (const { data } of together) expect(data).toEqual(alone.data);
  });
});
