'use strict';
// Stands in for node:assert in bundles, which takes 3.5 ms to load, for the one assertion of pino's
// `sonic-boom`.
module.exports = (value, message) => {
  if (!value) throw new Error(message ?? 'Assertion failed');
};
