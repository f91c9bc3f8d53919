import { describe, expect, it } from 'vitest';

import { KeyIndex } from '../../../../../knative/local/s3/key-index.ts';
import { listPage } from '../../../../../knative/local/s3/listing.ts';
import type { ListingOptions, ListingPage } from '../../../../../knative/local/s3/listing.ts';

const KEYS = ['a', 'b/1', 'b/2', 'b/c/3', 'b0', 'd/1', 'e'];

/** All pages: objects as they are, prefixes in brackets. */
function pages(options: Partial<ListingOptions>): string[][] {
  const index = new KeyIndex<string>();
  index.fill(KEYS.map((key) => [key, key]));
  const all: string[][] = [];
  let after: ListingOptions['after'] | undefined = {
    key: '',
    wholePrefix: false,
    ...options.after,
  };
  while (after !== undefined) {
    const page: ListingPage<string> = listPage(index, {
      prefix: '',
      delimiter: '',
      maxKeys: 1000,
      ...options,
      after,
    });
    all.push([...page.prefixes.map((prefix) => `[${prefix}]`), ...page.objects]);
    after = page.next;
  }
  return all;
}

describe('listPage()', () => {
  it.each<[what: string, options: Partial<ListingOptions>, expected: string[][]]>([
    ['everything', {}, [KEYS]],
    ['a prefix', { prefix: 'b/' }, [['b/1', 'b/2', 'b/c/3']]],
    ['a prefix nothing has', { prefix: 'c' }, [[]]],
    ['one level', { delimiter: '/' }, [['[b/]', '[d/]', 'a', 'b0', 'e']]],
    ['one level below', { prefix: 'b/', delimiter: '/' }, [['[b/c/]', 'b/1', 'b/2']]],
    ['pages', { maxKeys: 3 }, [KEYS.slice(0, 3), KEYS.slice(3, 6), KEYS.slice(6)]],
    ['pages that come out even', { prefix: 'b/', maxKeys: 3 }, [['b/1', 'b/2', 'b/c/3']]],
    [
      'pages of one level, each prefix once',
      { delimiter: '/', maxKeys: 1 },
      [['a'], ['[b/]'], ['b0'], ['[d/]'], ['e']],
    ],
    ['after a key', { after: { key: 'b0', wholePrefix: false } }, [['d/1', 'e']]],
    [
      'after a key inside a prefix, which still has more',
      { delimiter: '/', after: { key: 'b/1', wholePrefix: false } },
      [['[b/]', '[d/]', 'b0', 'e']],
    ],
    [
      'after everything with the prefix',
      { prefix: 'b', after: { key: 'c', wholePrefix: false } },
      [[]],
    ],
    [
      'after a key before the prefix',
      { prefix: 'd', after: { key: 'a', wholePrefix: false } },
      [['d/1']],
    ],
    ['nothing at all', { maxKeys: 0 }, [[]]],
  ])('lists %s', (_, options, expected) => {
    expect(pages(options)).toEqual(expected);
  });
});
