import type { IncomingMessage } from 'node:http';

import { S3Error } from './s3-error.ts';

/** A request as S3 sees it, before anything is believed. */
export interface S3Request {
  readonly method: string;
  /** Undefined on the service itself (`/`). */
  readonly bucket: string | undefined;
  /** Undefined on a bucket. */
  readonly key: string | undefined;
  /** Decoded path, as the signature covers it. */
  readonly path: string;
  /** Decoded names and values, in the order sent. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Lower-case names; several values of one name joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly incoming: IncomingMessage;
}

/** Splits a path-style request. @throws {S3Error} `InvalidURI` when it is not valid percent-encoding. */
export function parseRequest(incoming: IncomingMessage): S3Request {
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  const path = decoded(mark < 0 ? target : target.slice(0, mark));
  const queryText = mark < 0 ? '' : target.slice(mark + 1);
  const slash = path.indexOf('/', 1);
  const bucket = path.slice(1, slash < 0 ? undefined : slash);
  const key = slash < 0 ? '' : path.slice(slash + 1);
  return {
    method: incoming.method ?? 'GET',
    bucket: bucket === '' ? undefined : bucket,
    key: key === '' ? undefined : key,
    path,
    query: queryText.split('&').filter(Boolean).map(parseParameter),
    headers: headersOf(incoming),
    incoming,
  };
}

/** The first value of a query parameter. */
export function parameter(request: S3Request, name: string): string | undefined {
  return request.query.find(([candidate]) => candidate === name)?.[1];
}

const MAX_PAGE = 1000;

/** How many entries a listing may answer with, at most 1000. @throws {S3Error} `InvalidArgument`. */
export function pageSize(request: S3Request, name: string): number {
  const text = parameter(request, name) ?? String(MAX_PAGE);
  if (!/^\d{1,9}$/.test(text)) throw new S3Error('InvalidArgument', `${name} is not a number.`);
  return Math.min(Number(text), MAX_PAGE);
}

/** How a listing is to write keys (`encoding-type`). @throws {S3Error} `InvalidArgument`. */
export function encoderOf(request: S3Request): (text: string) => string {
  const type = parameter(request, 'encoding-type');
  if (type === undefined) return (text) => text;
  if (type !== 'url') throw new S3Error('InvalidArgument', 'encoding-type can only be url.');
  return (text) => text.split('/').map(encodeURIComponent).join('/');
}

function parseParameter(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals < 0) return [decoded(text), ''];
  return [decoded(text.slice(0, equals)), decoded(text.slice(equals + 1))];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new S3Error('InvalidURI', undefined, { cause });
  }
}

/** From the raw list: Node drops repetitions of some headers, which the signature covers all. */
function headersOf(incoming: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    const name = (incoming.rawHeaders[index] ?? '').toLowerCase();
    const value = incoming.rawHeaders[index + 1] ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
}
