'use strict';
// Stands in for `mime-db` in bundles: the framework sorts its 2,500 types at load, to look up these.
module.exports = {
  'application/json': { charset: 'UTF-8', compressible: true, extensions: ['json', 'map'] },
  'application/octet-stream': { compressible: true, extensions: ['bin'] },
  'application/x-www-form-urlencoded': { compressible: true },
  'multipart/form-data': { compressible: false },
  'text/html': { compressible: true, extensions: ['html', 'htm'] },
  'text/plain': { compressible: true, extensions: ['txt', 'text'] },
};
