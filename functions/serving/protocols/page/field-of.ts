import type { ApiSchema } from './api-document.ts';
import type { PageField } from './page-facts.ts';

/** The fields of an object's schema; undefined when it is not an object whose keys are known. */
export function fieldsOf({ type, properties, required = [] }: ApiSchema): PageField[] | undefined {
  if (type !== 'object' || properties === undefined) return undefined;
  return Object.entries(properties).map(([name, property]) =>
    fieldOf(name, property, required.includes(name)),
  );
}

/** One field, as its schema describes it. */
export function fieldOf(name: string, schema: ApiSchema, isRequired: boolean): PageField {
  const { description = '', minimum, maximum, maxLength, default: initial } = schema;
  const kind = kindOf(schema);
  return {
    name,
    kind,
    description,
    isRequired: isRequired && initial === undefined,
    ...(schema.type === 'integer' ? { isInteger: true } : {}),
    ...(isBound(minimum) ? { min: minimum } : {}),
    ...(isBound(maximum) ? { max: maximum } : {}),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(kind === 'choice' ? { choices: (schema.enum ?? []).map(String) } : {}),
    ...(initial === undefined ? {} : { initial }),
  };
}

/** zod gives every whole number the bounds of those that a double holds, which say nothing to people. */
function isBound(value: number | undefined): value is number {
  return value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
}

function kindOf(schema: ApiSchema): PageField['kind'] {
  const { type, enum: choices, items } = schema;
  if (isBytes(schema)) return 'file';
  if (choices?.every((choice) => typeof choice === 'string') === true) return 'choice';
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'boolean') return 'switch';
  if (type === 'string') return 'text';
  return type === 'array' && items?.type === 'string' && !isBytes(items) ? 'lines' : 'json';
}

/** Bytes are base64 in JSON, and a part of their own in a form. */
function isBytes({ contentEncoding, contentMediaType }: ApiSchema): boolean {
  return contentEncoding === 'base64' || contentMediaType === 'application/octet-stream';
}
