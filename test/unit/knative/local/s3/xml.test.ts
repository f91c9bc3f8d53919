import { describe, expect, it } from 'vitest';

import { parseXml, xmlDocument } from '../../../../../knative/local/s3/xml.ts';

const malformed: Error = expect.objectContaining({ code: 'MalformedXML' });

describe('xmlDocument() and parseXml()', () => {
  it('give back what was written', () => {
    const text = `a & b < c > d "e" 'f' \u0001 \n é 🚀 &amp; ]]>`;

    const root = parseXml(
      xmlDocument([
        'Root',
        [
          ['Key', text],
          ['Size', 3],
          ['None', []],
        ],
      ]),
    );

    expect(root.name).toBe('Root');
    expect(root.children).toMatchObject([
      { name: 'Key', text },
      { name: 'Size', text: '3' },
      { name: 'None', text: '', children: [] },
    ]);
  });
});

describe('parseXml()', () => {
  it('reads past declarations, comments, attributes and white space', () => {
    const root = parseXml(
      '<?xml version="1.0"?>\n<!-- <no> -->\n<Delete xmlns="a">\n <Quiet />\n <Key a="1">&#x41;&#66;&lt;</Key >\n</Delete>\n',
    );

    expect(root.children).toMatchObject([{ name: 'Quiet' }, { name: 'Key', text: 'AB<' }]);
  });

  it.each([
    ['nothing', ''],
    ['no element', 'text'],
    ['an element left open', '<a><b></a>'],
    ['an element never closed', '<a>'],
    ['two roots', '<a/><b/>'],
    ['a doctype', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['a closing tag too many', '<a/></a>'],
    ['a lone angle bracket', '<a>1 < 2</a>'],
    ['a character that does not exist', '<a>&#x110000;</a>'],
  ])('refuses %s', (_, document) => {
    expect(() => parseXml(document)).toThrow(malformed);
  });
});
