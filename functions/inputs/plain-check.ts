import type * as z from 'zod';

/** Whether a value is surely one that the schema takes, and takes as it is. */
export type PlainCheck = (value: unknown) => boolean;

/**
 * A quick look for schemas of flat objects of numbers, texts and truth values with bounds; undefined for
 * any other, and for one with a rule that is not known here. It says yes only where zod would take the
 * value and return an equal one: everything else is for zod to judge, and to explain.
 */
export function plainCheckOf(schema: z.ZodType): PlainCheck | undefined {
  const known = checks.get(schema);
  if (known !== undefined) return known.check;
  const check = makeCheck(schema);
  checks.set(schema, { check });
  return check;
}

const checks = new WeakMap<z.ZodType, { readonly check: PlainCheck | undefined }>();

/** What zod keeps of a schema or of a rule: https://zod.dev/library-authors */
interface Definition {
  readonly [name: string]: unknown;
  readonly type?: string;
  readonly check?: string;
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly catchall?: unknown;
  readonly checks?: readonly unknown[];
}

function definitionOf(part: unknown): Definition {
  return (part as Readonly<Record<string, { readonly def: Definition }>>)['_zod']?.def ?? {};
}

function makeCheck(schema: z.ZodType): PlainCheck | undefined {
  const { type, shape, catchall, checks: rules = [] } = definitionOf(schema);
  if (type !== 'object' || shape === undefined || rules.length > 0) return undefined;
  if (catchall !== undefined && definitionOf(catchall).type !== 'never') return undefined;
  const fields: Field[] = [];
  for (const [name, part] of Object.entries(shape)) {
    const field = fieldOf(name, definitionOf(part));
    if (field === undefined) return undefined;
    fields.push(field);
  }
  return (value) => isPlain(value, fields);
}

/** A property that must be there. Bounds are of the number, or of the text's length. */
interface Field {
  readonly name: string;
  readonly type: 'number' | 'string' | 'boolean';
  readonly min: number;
  readonly max: number;
}

function fieldOf(name: string, definition: Definition): Field | undefined {
  const { type, checks: rules = [] } = definition;
  if (type !== 'number' && type !== 'string' && type !== 'boolean') return undefined;
  if (Object.keys(definition).some((key) => !PLAIN_KEYS.has(key))) return undefined;
  // Whatever is finite is within these; what is not is no number of zod's.
  let [min, max] = [-Number.MAX_VALUE, Number.MAX_VALUE];
  for (const rule of rules) {
    const { check, inclusive, value, minimum, maximum } = definitionOf(rule);
    if (check === 'greater_than' && inclusive === true && typeof value === 'number') {
      min = Math.max(min, value);
    } else if (check === 'less_than' && inclusive === true && typeof value === 'number') {
      max = Math.min(max, value);
    } else if (check === 'min_length') min = Math.max(min, Number(minimum));
    else if (check === 'max_length') max = Math.min(max, Number(maximum));
    else return undefined;
  }
  return { name, type, min, max };
}

/** Others, such as `coerce` and `format`, change what is taken. */
const PLAIN_KEYS: ReadonlySet<string> = new Set(['type', 'checks', 'error']);

function isPlain(value: unknown, fields: readonly Field[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  let keys = 0;
  for (const _ in value) keys += 1;
  if (keys !== fields.length) return false;
  for (const { name, type, min, max } of fields) {
    const field = (value as Readonly<Record<string, unknown>>)[name];
    if (typeof field !== type) return false;
    if (type === 'boolean') continue;
    const size = type === 'string' ? (field as string).length : (field as number);
    // NaN is not within anything.
    if (!(size >= min && size <= max)) return false;
  }
  return true;
}
