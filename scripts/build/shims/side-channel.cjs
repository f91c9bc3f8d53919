'use strict';
// Stands in for `side-channel` in bundles: 20 packages that make a Map for engines without WeakMap.
module.exports = () => {
  const values = new Map();
  return {
    assert: (key) => {
      if (!values.has(key)) throw new TypeError('Side channel does not contain the given key');
    },
    delete: (key) => values.delete(key),
    get: (key) => values.get(key),
    has: (key) => values.has(key),
    set: (key, value) => void values.set(key, value),
  };
};
