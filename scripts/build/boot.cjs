'use strict';
// Runs main.cjs, and later the files beside it that it asks for, each with V8's code cache. The caches are
// written after a first prediction, so they hold lazily compiled functions too, which NODE_COMPILE_CACHE
// does not.
const { createHash } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

// V8 compares only lengths and versions: it crashes on a damaged cache, and runs old code for a source of
// the same length. So before its data stands a sha256 of both. node:crypto is loaded anyway, to verify the
// weights; node:zlib for a cheaper checksum would not be.
const HEADER_BYTES = 32;

function checksum(code, cachedData) {
  return createHash('sha256').update(code).update(cachedData).digest();
}

function readCache(filename, code) {
  try {
    const file = readFileSync(`${filename}.cache`);
    const cachedData = file.subarray(HEADER_BYTES);
    const isIntact = checksum(code, cachedData).equals(file.subarray(0, HEADER_BYTES));
    return { state: 'rejected', cachedData: isIntact ? cachedData : undefined };
  } catch {
    return { state: 'absent', cachedData: undefined };
  }
}

const loaded = new Map();

/** The files of this folder are ours to run; everything else is Node's or the native binding. */
function requireFrom(id) {
  return /^\.\/[a-z-]+\.cjs$/.test(id) ? load(id.slice(2)).exports : require(id);
}

function load(file) {
  const known = loaded.get(file);
  if (known !== undefined) return known.module;
  const filename = `${__dirname}/${file}`;
  const code = readFileSync(filename);
  // A bundle is pure ASCII: latin1 spares the decoding.
  const source = `(function (exports, require, module, __filename, __dirname) {${code.latin1Slice()}\n})`;
  const { state, cachedData } = readCache(filename, code);
  const script = new Script(source, { filename, cachedData });
  const module = { exports: {} };
  const isAccepted = script.cachedDataRejected === false;
  loaded.set(file, { module, script, code });
  if (file === 'main.cjs') globalThis.__pilotlightCodeCache = isAccepted ? 'accepted' : state;
  script.runInThisContext()(module.exports, requireFrom, module, filename, __dirname);
  return module;
}

// A folder: the build sets it when it makes the caches.
const { CODE_CACHE_OUT } = process.env;
if (CODE_CACHE_OUT !== undefined) {
  process.on('exit', (status) => {
    if (status !== 0) return;
    for (const [file, { script, code }] of loaded) {
      const made = script.createCachedData();
      writeFileSync(`${CODE_CACHE_OUT}/${file}.cache`, Buffer.concat([checksum(code, made), made]));
    }
  });
}
load('main.cjs');
