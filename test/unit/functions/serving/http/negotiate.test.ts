import { describe, expect, it } from 'vitest';

import { NotAcceptableError } from '../../../../../functions/runtime/errors.ts';
import { negotiate } from '../../../../../functions/serving/http/negotiate.ts';

const OFFERED = ['application/json', 'text/csv', 'application/x-npy'];
const [JSON_TYPE, CSV, NPY] = OFFERED;

describe('negotiate()', () => {
  it.each([
    [undefined, JSON_TYPE],
    ['', JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['text/csv', CSV],
    ['TEXT/CSV', CSV],
    ['text/*', CSV],
    ['text/csv, application/json', JSON_TYPE],
    ['text/csv;q=0.9, application/json;q=0.8', CSV],
    ['application/x-npy, */*;q=0.1', NPY],
    ['text/csv; q=0.500 ;a=b, application/json;q=0.499', CSV],
    ['text/csv;header=present', CSV],
    ['*/*, application/json;q=0', CSV],
    ['*/*;q=0.5, text/*;q=0.7, text/csv;q=0.1', JSON_TYPE],
    ['application/*;q=0.2, application/x-npy', NPY],
    ['text/html, application/xhtml+xml, */*;q=0.8', JSON_TYPE],
    ['text/csv;q=2, application/x-npy', NPY],
    [',, text/csv ,', CSV],
    ['text/html, text/csv;q=0.001', CSV],
  ])('answers Accept: %s with %s', (accept, type) => {
    expect(negotiate(accept, OFFERED)).toBe(type);
  });

  it.each(['text/html', 'image/*', 'text/csv;q=0', '*/*;q=0', '*', 'nonsense', 'text/csv;q=soon'])(
    'accepts nothing for Accept: %s, and says what there is',
    (accept) => {
      expect(() => negotiate(accept, OFFERED)).toThrow(NotAcceptableError);
      expect(() => negotiate(accept, OFFERED)).toThrow(OFFERED.join(' or '));
    },
  );
});
