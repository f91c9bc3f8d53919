import type * as z from 'zod';

/** What stands for a number in a query, a form, a table: JSON's own notation. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * A text as the type that the schema wants; a text that does not stand for one is left for the schema to
 * refuse. Without a schema, what looks like a number is one.
 */
export function valueOfText(text: string, schema: z.ZodType | undefined): unknown {
  const type = schema === undefined ? 'number' : typeName(schema);
  if (type === 'number' && NUMBER.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** zod's name of a type, without what only says that it may be left out. */
function typeName({ def }: z.ZodType): string {
  const { type, innerType } = def as { readonly type: string; readonly innerType?: z.ZodType };
  return innerType === undefined ? type : typeName(innerType);
}
