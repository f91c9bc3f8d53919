'use strict';
// Stands in for `iconv-lite` in bundles, half a megabyte of character tables. Our front door reads bodies
// itself and leaves nothing for the framework's body parsers to decode.
exports.encodingExists = () => false;
exports.getDecoder = (encoding) => {
  throw new Error(`No decoder for ${encoding} in this bundle`);
};
