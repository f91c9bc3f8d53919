/** What careless and hostile clients put in place of a piece of JSON. */
const PIECES: readonly string[] = [
  'null true "" [] {} -0 1e400 -1e39 1e-400 9007199254740993 0x1 NaN "__proto__" [[[[[]]]]] [null]',
  '[1,[2]] {"__proto__":{}} "FP16" "BYTES" "INT64" [0,4] [-1,4] [2147483648,4] [1,4,1] "features"',
  '"label" {"binary_data":true} {"instances":[]} "\\ud800" \u0000 1e999999999 [4294967295,4294967295]',
].flatMap((line) => line.split(' '));

/** Beginnings of files that a body may pretend to be. */
const MAGIC: readonly Buffer[] = [
  Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'),
  Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
  Buffer.from('RIFF\u00ff\u00ff\u00ff\u00ffWEBPVP8 ', 'latin1'),
  Buffer.from('RIFF\u00ff\u00ff\u00ff\u007fWAVEfmt ', 'latin1'),
  Buffer.from('\u0093NUMPY\u0001\u0000\u00ff\u00ff', 'latin1'),
  Buffer.from('GIF89a'),
  Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="99999" height="99999"/>'),
  Buffer.from([0x1f, 0x8b, 8, 0]),
  Buffer.from('PK\u0003\u0004', 'latin1'),
];

/** Whole numbers from 0 to below a bound. */
export function below(random: () => number, bound: number): number {
  return Math.floor(random() * bound);
}

/** One of several. */
export function oneOf<T>(random: () => number, several: readonly T[]): T {
  return several[below(random, several.length)] as T;
}

/** JSON with a few faults in it: pieces swapped, cut out, doubled, bytes turned. */
export function mutateJson(body: Buffer, random: () => number): Buffer {
  let text = body.toString();
  for (let fault = below(random, 4) >> 1; fault >= 0; fault -= 1) {
    const tokens = text.split(/(?<=[[\]{},:])|(?=[[\]{},:])/);
    const at = below(random, tokens.length);
    const piece = oneOf(random, PIECES);
    const kind = below(random, 5);
    if (kind === 0) tokens[at] = piece;
    else if (kind === 1) tokens.splice(at, 1 + below(random, 3));
    else if (kind === 2) tokens.splice(at, 0, oneOf(random, tokens));
    else if (kind === 3) {
      tokens[at] = tokens[at]?.startsWith('"') === true ? `"${below(random, 99)}"` : piece;
    } else tokens.splice(at, 0, piece, ',');
    text = tokens.join('');
  }
  const bytes = Buffer.from(text);
  return below(random, 4) === 0 ? mutateBytes(bytes, random) : bytes;
}

/** Bytes with a few faults in them: bits turned, parts cut off, doubled, zeroed, another file's beginning. */
export function mutateBytes(body: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(body);
  for (let fault = below(random, 4); fault >= 0; fault -= 1) {
    if (bytes.length === 0) return bytes;
    const at = below(random, bytes.length);
    const length = 1 + below(random, Math.min(64, bytes.length - at));
    switch (below(random, 7)) {
      case 0:
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
        break;
      case 2:
        bytes = bytes.subarray(0, at);
        break;
      case 3:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          bytes.subarray(at, at + length),
          bytes.subarray(at),
        ]);
        break;
      case 4:
        bytes.fill(oneOf(random, [0, 0xff, 0x20]), at, at + length);
        break;
      case 5: {
        const magic = oneOf(random, MAGIC);
        bytes = Buffer.concat([magic, bytes.subarray(Math.min(bytes.length, magic.length))]);
        break;
      }
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    }
  }
  return bytes;
}
