import { expect, test } from 'vitest';

import {
  applyJsonPatch,
  JsonPatchError,
  jsonPatch,
} from '../../../../../knative/local/manifests/json-patch.ts';
import type { Json } from '../../../../../knative/local/manifests/manifest.ts';

const document: Json = { a: { 'b/c': 1, 'd~e': 2 }, list: ['x', 'y'] };

test.each<[string, unknown[], Json]>([
  ['add to an object', [{ op: 'add', path: '/n', value: null }], { ...document, n: null }],
  [
    'add at the end of a list',
    [{ op: 'add', path: '/list/-', value: 'z' }],
    { ...document, list: ['x', 'y', 'z'] },
  ],
  [
    'add before an item',
    [{ op: 'add', path: '/list/1', value: 'z' }],
    { ...document, list: ['x', 'z', 'y'] },
  ],
  [
    'replace with an escaped slash',
    [{ op: 'replace', path: '/a/b~1c', value: 9 }],
    { ...document, a: { 'b/c': 9, 'd~e': 2 } },
  ],
  [
    'remove with an escaped tilde',
    [{ op: 'remove', path: '/a/d~0e' }],
    { ...document, a: { 'b/c': 1 } },
  ],
  ['remove an item', [{ op: 'remove', path: '/list/0' }], { ...document, list: ['y'] }],
  [
    'move',
    [{ op: 'move', from: '/list', path: '/moved' }],
    { a: document['a'] ?? null, moved: ['x', 'y'] },
  ],
  [
    'copy',
    [{ op: 'copy', from: '/list/0', path: '/list/-' }],
    { ...document, list: ['x', 'y', 'x'] },
  ],
  ['test that holds', [{ op: 'test', path: '/list', value: ['x', 'y'] }], document],
  ['replace the whole', [{ op: 'replace', path: '', value: 3 }], 3],
])('applies %s', (_, patch, expected) => {
  const before = structuredClone(document);

  expect(applyJsonPatch(document, jsonPatch.parse(patch))).toEqual(expected);
  expect(document).toEqual(before);
});

test.each<[string, unknown]>([
  ['replace of what is not there', { op: 'replace', path: '/nothing', value: 1 }],
  ['remove of what is not there', { op: 'remove', path: '/a/nothing' }],
  ['add below what is not there', { op: 'add', path: '/nothing/below', value: 1 }],
  ['an index past the end', { op: 'add', path: '/list/3', value: 1 }],
  ['an index with a leading zero', { op: 'remove', path: '/list/01' }],
  ['add below a number', { op: 'add', path: '/a/d~0e/x', value: 1 }],
  ['an inherited property', { op: 'remove', path: '/toString' }],
  ['test that does not hold', { op: 'test', path: '/list/0', value: 'y' }],
])('refuses %s', (_, operation) => {
  expect(() => applyJsonPatch(document, jsonPatch.parse([operation]))).toThrow(JsonPatchError);
});
