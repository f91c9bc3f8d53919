import { InvalidImageError } from '../../../runtime/errors.ts';
import { damagedHeader } from './image-header.ts';
import type { ImageHeader } from './image-header.ts';

/** Every scan goes over all pixels again. Encoders make about ten; a hundred thousand fit into 10 MB. */
const MAX_SCANS = 32;

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/**
 * The header of a JPEG file: the sizes of its frame.
 * https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B
 * @throws {InvalidImageError} When it is damaged, or has more than 32 scans.
 */
export function readJpegHeader(bytes: Buffer): ImageHeader {
  let frame: ImageHeader | undefined;
  let scans = 0;
  for (let at = nextMarker(bytes, 2); at + 4 <= bytes.length;) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === END_OF_IMAGE) break;
    if (isFrame(marker)) frame ??= readFrame(bytes, at);
    if (marker === START_OF_SCAN) scans += 1;
    if (scans > MAX_SCANS)
      throw new InvalidImageError(`The JPEG image has over ${MAX_SCANS} scans`);
    at = nextMarker(bytes, at + 2 + bytes.readUInt16BE(at + 2));
  }
  if (frame === undefined || scans === 0) throw damagedHeader('JPEG');
  return frame;
}

/**
 * Where the next marker with a segment, or the end of the image, begins. In what lies between segments, the
 * compressed pixels, 0xff is followed by 0 or the number of a restart.
 */
function nextMarker(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at !== -1) {
    const marker = bytes[at + 1] ?? 0;
    const standsAlone = marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8);
    if (marker !== 0xff && !standsAlone) return at;
    // Before a marker, 0xff may be repeated.
    at = bytes.indexOf(0xff, marker === 0xff ? at + 1 : at + 2);
  }
  return bytes.length;
}

/** SOF0 to SOF15, without the three of that range that mean something else (DHT, JPG, DAC). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function readFrame(bytes: Buffer, at: number): ImageHeader {
  if (at + 10 > bytes.length) throw damagedHeader('JPEG');
  return {
    format: 'JPEG',
    height: bytes.readUInt16BE(at + 5),
    width: bytes.readUInt16BE(at + 7),
    isCmyk: bytes[at + 9] === 4,
  };
}
