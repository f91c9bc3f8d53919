'use strict';
// Stands in for node:domain in bundles. The functions-framework wraps every request in a domain, whose
// async hooks cost half of the throughput; its handler has its own try and catch.
exports.create = () => ({ on() {}, run: (work) => work() });
