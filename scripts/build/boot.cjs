'use strict';
// Runs main.cjs with V8's code cache beside it. The cache is written after a first prediction, so it
// holds lazily compiled functions too, which NODE_COMPILE_CACHE does not.
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

const filename = `${__dirname}/main.cjs`;
const code = readFileSync(filename);
// The bundle is pure ASCII: latin1 spares the decoding.
const source = `(function (exports, require, module, __filename, __dirname) {${code.latin1Slice()}\n})`;

// V8 compares only lengths and versions: it crashes on a damaged cache, and runs old code for a source of
// the same length. So 8 bytes before its data hold a checksum of both.
const HEADER_BYTES = 8;

function checksum(cachedData) {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(crc32(code, crc32(cachedData)));
  return header;
}

function readCache() {
  try {
    const file = readFileSync(`${filename}.cache`);
    const cachedData = file.subarray(HEADER_BYTES);
    const isIntact = checksum(cachedData).equals(file.subarray(0, HEADER_BYTES));
    return { state: 'rejected', cachedData: isIntact ? cachedData : undefined };
  } catch {
    return { state: 'absent', cachedData: undefined };
  }
}

const { state, cachedData } = readCache();
const script = new Script(source, { filename, cachedData });
globalThis.__pilotlightCodeCache = script.cachedDataRejected === false ? 'accepted' : state;

const { CODE_CACHE_OUT } = process.env;
if (CODE_CACHE_OUT !== undefined) {
  process.on('exit', (status) => {
    if (status !== 0) return;
    const made = script.createCachedData();
    writeFileSync(CODE_CACHE_OUT, Buffer.concat([checksum(made), made]));
  });
}
script.runInThisContext()(exports, require, module, filename, __dirname);
