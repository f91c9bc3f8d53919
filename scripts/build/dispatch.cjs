'use strict';
// The image's entry: one image holds every function, FUNCTION_TARGET picks one.
const { existsSync } = require('node:fs');

const name = process.env.FUNCTION_TARGET ?? '';
const boot = `${__dirname}/${name}/boot.cjs`;
if (!/^[a-z][a-z0-9-]*$/.test(name) || !existsSync(boot)) {
  process.stderr.write(`FUNCTION_TARGET: this image has no function ${JSON.stringify(name)}\n`);
  process.exit(78);
}
require(boot);
