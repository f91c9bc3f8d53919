import { describe, expect, it } from 'vitest';

import { readHeader } from '../../../../../functions/inputs/image/read-header.ts';
import { InvalidImageError } from '../../../../../functions/runtime/errors.ts';
import { readFixture } from '../../../../support/image-fixtures.ts';

const TOO_LARGE = /has \d+ x \d+ pixels; at most 25 megapixels are read$/;

/** A PNG of this size that has no pixels: 57 bytes that could ask for gigabytes. */
function png(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(57);
  bytes.write('89504e470d0a1a0a0000000d49484452', 'hex');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.write('0802000000', 24, 'hex');
  bytes.write('IDAT', 37, 'latin1');
  return bytes;
}

function segment(marker: number, data: readonly number[]): Buffer {
  return Buffer.from([0xff, marker, 0, data.length + 2, ...data]);
}

function jpegFrame(width: number, height: number, components = 3): Buffer {
  return segment(0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, components]);
}

const SOI = Buffer.from([0xff, 0xd8]);
const EOI = Buffer.from([0xff, 0xd9]);
const scan = segment(0xda, [1, 1, 0, 0, 63, 0]);

function jpeg(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([SOI, ...parts, EOI]);
}

/** A RIFF file with one chunk of at least ten bytes. */
function webp(chunk: string, data: string): Buffer {
  return Buffer.concat([
    Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'),
    Buffer.from(chunk, 'latin1'),
    Buffer.from([data.length / 2, 0, 0, 0]),
    Buffer.from(data, 'hex'),
  ]);
}

describe('readHeader()', () => {
  it.each([
    ['rgb.png', { format: 'PNG', width: 56, height: 75, isCmyk: false }],
    ['rgb-progressive.jpg', { format: 'JPEG', width: 56, height: 75, isCmyk: false }],
    ['rgb-restart.jpg', { format: 'JPEG', width: 56, height: 75, isCmyk: false }],
    ['cmyk.jpg', { format: 'JPEG', width: 56, height: 75, isCmyk: true }],
    ['rgb.webp', { format: 'WebP', width: 56, height: 75, isCmyk: false }],
    ['rgb-lossless.webp', { format: 'WebP', width: 56, height: 75, isCmyk: false }],
    ['alpha.webp', { format: 'WebP', width: 56, height: 75, isCmyk: false }],
    ['orientation-6.jpg', { format: 'JPEG', width: 56, height: 75, isCmyk: false }],
  ])('tells the format and the sizes of %s', async (file, header) => {
    expect(readHeader(await readFixture(file))).toEqual(header);
  });

  it.each([
    ['PNG', png(5000, 5000)],
    ['JPEG', jpeg(jpegFrame(5000, 5000), scan)],
    ['WebP', webp('VP8X', '00000000871300871300')],
  ])('reads 25 megapixels of %s', (_format, bytes) => {
    expect(readHeader(bytes)).toMatchObject({ width: 5000, height: 5000 });
  });

  it.each([
    ['PNG', png(5000, 5001)],
    ['PNG of the largest size', png(0x7fff_ffff, 0x7fff_ffff)],
    ['JPEG', jpeg(jpegFrame(65_535, 65_535), scan)],
    [
      'JPEG whose frame comes after another segment',
      jpeg(segment(0xe1, [1]), jpegFrame(5000, 5001), scan),
    ],
    ['WebP, lossy', webp('VP8 ', '0000009d012affffffff')],
    ['WebP, lossless', webp('VP8L', '2fffffff0f0000000000')],
    ['WebP, extended', webp('VP8X', '00000000ffffffffffff')],
  ])('refuses a bomb: %s', (_what, bytes) => {
    expect(() => readHeader(bytes)).toThrow(TOO_LARGE);
  });

  it.each([
    ['a PNG', png(0, 7)],
    ['a JPEG', jpeg(jpegFrame(7, 0), scan)],
    ['a lossy WebP', webp('VP8 ', '0000009d012a00000700')],
  ])('refuses %s without pixels', (_what, bytes) => {
    expect(() => readHeader(bytes)).toThrow(/^The (PNG|JPEG|WebP) image has no pixels$/);
  });

  it('refuses a JPEG with more scans than any encoder makes', () => {
    const scans = (count: number): Buffer =>
      jpeg(jpegFrame(8, 8), ...Array<Buffer>(count).fill(scan));

    expect(readHeader(scans(32))).toMatchObject({ width: 8 });
    expect(() => readHeader(scans(33))).toThrow('The JPEG image has over 32 scans');
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from([0xff])],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['a RIFF file that is sound', Buffer.from('RIFF\0\0\0\0WAVEfmt ', 'latin1')],
    ['an HEIC file', Buffer.from('\0\0\0\x18ftypheic', 'latin1')],
  ])('does not take %s for an image', (_what, bytes) => {
    expect(() => readHeader(bytes)).toThrow(
      'Not an image that is read here: send JPEG, PNG or WebP',
    );
  });

  it.each([
    ['a PNG that begins with another chunk', Buffer.from(png(8, 8)).fill('tEXt', 12, 16, 'latin1')],
    ['a PNG without pixels', png(8, 8).subarray(0, 40)],
    [
      'a PNG whose chunk is longer than the file',
      Buffer.from(png(8, 8)).fill('tEXt', 37, 41, 'latin1').fill(255, 33, 37),
    ],
    ['a JPEG without a frame', jpeg(scan)],
    ['a JPEG without a scan', jpeg(jpegFrame(8, 8))],
    ['a JPEG that ends in its frame', jpeg(jpegFrame(8, 8)).subarray(0, 8)],
    ['a WebP with an unknown chunk', webp('VP9 ', '00000000000000000000')],
    ['a lossy WebP without its start code', webp('VP8 ', '00000000000008000800')],
    ['a lossless WebP without its signature', webp('VP8L', '00000000000000000000')],
    ['a WebP of a few bytes', webp('VP8 ', '00')],
  ])('refuses %s', (_what, bytes) => {
    expect(() => readHeader(bytes)).toThrow(InvalidImageError);
    expect(() => readHeader(bytes)).toThrow(/is damaged or cut off in its header$/);
  });
});
