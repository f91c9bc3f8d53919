'use strict';
// Stands in for `debug` in bundles: express and its parts make a dozen loggers at load, for nobody.
module.exports = () => Object.assign(() => {}, { enabled: false });
