import { InvalidRequestError } from '../../runtime/errors.ts';

/** A `Content-Type`, parsed. */
export interface MediaType {
  /** `type/subtype`, in lower case. */
  readonly name: string;
  /** By names in lower case; values as they are, without quotes. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The media type of a `Content-Type` header, in lower case, without parameters. */
export function mediaTypeName(header: string): string {
  return (header.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/**
 * A `Content-Type` header with its parameters (RFC 9110, 8.3.1).
 * @throws {InvalidRequestError} When the parameters cannot be read, or one is there twice.
 */
export function parseMediaType(header: string): MediaType {
  const semicolon = header.indexOf(';');
  const rest = semicolon === -1 ? '' : header.slice(semicolon);
  return { name: mediaTypeName(header), parameters: parseParameters(rest, 'Content-Type') };
}

const PARAMETER = /;[ \t]*(?:([!#$%&'*+.^_`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*)))?[ \t]*/gy;

/**
 * `; name=value; other="quoted \" value"` as an object, names in lower case.
 * @param what The header's name, for messages.
 * @throws {InvalidRequestError} When it is anything else, or a name is there twice.
 */
export function parseParameters(text: string, what: string): Readonly<Record<string, string>> {
  const found = new Map<string, string>();
  let end = 0;
  for (const match of text.matchAll(PARAMETER)) {
    end = match.index + match[0].length;
    const [, name, quoted, token] = match;
    if (name === undefined) continue;
    if (found.has(name.toLowerCase())) {
      throw new InvalidRequestError(`The header ${what} has a parameter twice`);
    }
    found.set(name.toLowerCase(), quoted?.replaceAll(/\\(["\\])/g, '$1') ?? token ?? '');
  }
  if (end < text.trimEnd().length) throw new InvalidRequestError(`The header ${what} is not valid`);
  return Object.fromEntries(found);
}
