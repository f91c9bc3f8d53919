import type { PageCall, PageField } from '../page-facts.ts';

/** A value that was filled in: what JSON would carry, or a file. */
export type Value = string | number | boolean | readonly string[] | File;

/** Values by field; what is not there was left empty. */
export type Values = Readonly<Record<string, Value>>;

/** One part of a form. */
export type Part = readonly [name: string, value: string | File];

/** A request that is ready to be sent, or to be written down for curl. */
export interface PageRequest {
  /** Relative to the function's root, with its query. */
  readonly target: string;
  /** None for a form: its boundary is the browser's business, or curl's. */
  readonly contentType: string | undefined;
  readonly body: string | File | readonly Part[];
  /** 0 leaves the deadline to the function. */
  readonly deadlineMs: number;
}

/** The request that a call's fields and options make. Nothing is checked: the function does that. */
export async function requestOf(
  { path, body, contentType, fields, options }: PageCall,
  values: Values,
  deadlineMs: number,
): Promise<PageRequest> {
  const chosen = options.flatMap(({ name, initial }): [string, string][] => {
    const value = values[name];
    return value === undefined || value === initial ? [] : [[name, textOf(value)]];
  });
  if (body === 'form') {
    const parts = fields.flatMap(({ name }) => partsOf(name, values[name]));
    return { target: path, contentType: undefined, body: [...parts, ...chosen], deadlineMs };
  }
  const query = chosen.map((pair) => pair.map(encodeURIComponent).join('='));
  const target = query.length === 0 ? path : `${path}?${query.join('&')}`;
  if (body === 'json') {
    const text = await jsonOf(fields, values);
    return { target, contentType, body: text, deadlineMs };
  }
  const whole = values[fields[0]?.name ?? ''];
  return {
    target,
    contentType,
    body: whole instanceof File ? whole : textOf(whole ?? ''),
    deadlineMs,
  };
}

function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  return value instanceof File ? value.name : JSON.stringify(value);
}

function partsOf(name: string, value: Value | undefined): Part[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map((one: string) => [name, one]);
  return [[name, value instanceof File ? value : textOf(value)]];
}

async function jsonOf(fields: readonly PageField[], values: Values): Promise<string> {
  const entries: string[] = [];
  for (const { name, kind } of fields) {
    const value = values[name];
    if (value === undefined) continue;
    const isJson = kind === 'json' && typeof value === 'string';
    const text = isJson
      ? value
      : JSON.stringify(value instanceof File ? await base64Of(value) : value);
    entries.push(`${JSON.stringify(name)}: ${text}`);
  }
  return `{${entries.join(', ')}}`;
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (let start = 0; start < bytes.length; start += 8192) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return btoa(binary);
}
