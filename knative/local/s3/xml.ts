import { S3Error } from './s3-error.ts';

/** An element to write: its name, its text or children, and seldom attributes, which are not escaped. */
export type XmlNode = readonly [
  name: string,
  content: string | number | readonly XmlNode[],
  attributes?: Readonly<Record<string, string>>,
];

/** An element that was read. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A whole document. Error documents are the ones without S3's namespace. */
export function xmlDocument([name, content]: XmlNode, { namespace = true } = {}): string {
  const attribute = namespace ? ` xmlns="${NAMESPACE}"` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name}${attribute}>${inner(content)}</${name}>`;
}

/** One element, or none when there is no value. */
export function optional(name: string, value: string | undefined): XmlNode[] {
  return value === undefined ? [] : [[name, value]];
}

function inner(content: XmlNode[1]): string {
  if (typeof content === 'string') return escapeText(content);
  if (typeof content === 'number') return String(content);
  return content
    .map(([name, children, attributes = {}]) => {
      const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
      return `<${name}${written.join('')}>${inner(children)}</${name}>`;
    })
    .join('');
}

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escapeText(text: string): string {
  // Control characters are not XML, but as references they are what S3 itself sends.
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[&<>\u0000-\u001f]/g, (char) => NAMED[char] ?? `&#${char.charCodeAt(0)};`);
}

/**
 * The root of a small document: elements and text; attributes are skipped, doctypes refused.
 * @throws {S3Error} `MalformedXML`.
 */
export function parseXml(document: string): XmlElement {
  const root: OpenElement = { name: '', text: '', children: [] };
  const open: OpenElement[] = [root];
  const token =
    /<\?[^>]*\?>|<!--[\s\S]*?-->|<\/([\w.:-]+)\s*>|<([\w.:-]+)([^<>]*?)(\/?)>|([^<]+)/gy;
  while (token.lastIndex < document.length) {
    const match = token.exec(document);
    const current = open.at(-1);
    if (match === null || current === undefined) throw new S3Error('MalformedXML');
    const [, closing, opening, , selfClosing, text] = match;
    if (text !== undefined) {
      current.text += unescapeText(text);
    } else if (opening !== undefined) {
      const element: OpenElement = { name: opening, text: '', children: [] };
      current.children.push(element);
      if (selfClosing !== '/') open.push(element);
    } else if (closing !== undefined) {
      if (current.name !== closing) throw new S3Error('MalformedXML');
      open.pop();
    }
  }
  const [only] = root.children;
  if (only === undefined || root.children.length > 1 || open.length !== 1) {
    throw new S3Error('MalformedXML');
  }
  return only;
}

interface OpenElement extends XmlElement {
  text: string;
  children: OpenElement[];
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescapeText(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (whole, decimal, hex, name) => {
    const code = Number.parseInt(decimal ?? hex, decimal === undefined ? 16 : 10);
    if (Number.isNaN(code)) return ENTITIES[name] ?? whole;
    if (code > 0x10ffff) throw new S3Error('MalformedXML');
    return String.fromCodePoint(code);
  });
}
