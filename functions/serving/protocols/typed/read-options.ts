import type * as z from 'zod';

import { InvalidRequestError } from '../../../runtime/errors.ts';
import { quote } from '../quote.ts';
import { validate } from '../validate.ts';

/** What stands for a number in a query or a form: JSON's own notation. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * A request's options, from its query string and the fields of its form. Names that are no option stay
 * unread: proxies and caches add their own to queries.
 * @throws {InvalidRequestError} When one is given twice, or is not what the schema says.
 */
export function readOptions(
  schema: z.ZodObject | undefined,
  query: URLSearchParams,
  fields: readonly (readonly [name: string, text: string])[] = [],
): Record<string, unknown> {
  if (schema === undefined) return {};
  const shape = schema.shape as Readonly<Record<string, z.ZodType>>;
  const given: Record<string, unknown> = {};
  for (const [name, text] of [...query, ...fields]) {
    const option = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (option === undefined) continue;
    if (Object.hasOwn(given, name)) {
      throw new InvalidRequestError(`The option ${quote(name)} is given twice`, {
        details: [{ path: name, message: 'Given twice' }],
      });
    }
    given[name] = valueOf(text, typeName(option));
  }
  return validate(schema, given, 'The set of options');
}

/** The text as the type that the schema wants; text that does not stand for one is left for the schema to refuse. */
function valueOf(text: string, type: string): unknown {
  if (type === 'number' && NUMBER.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** zod's name of a type, without what only says that it may be left out. */
function typeName({ def }: z.ZodType): string {
  const { type, innerType } = def as { readonly type: string; readonly innerType?: z.ZodType };
  return innerType === undefined ? type : typeName(innerType);
}
