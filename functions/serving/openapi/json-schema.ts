import * as z from 'zod';

import type { ApiObject } from '../http/route.ts';

/**
 * The JSON Schema of a zod schema: of what it reads, or of what it gives. What JSON Schema cannot say is left
 * open.
 */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): ApiObject {
  // The document as a whole names the dialect.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

/** A component of the document. */
export function componentRef(name: string): ApiObject {
  return { $ref: `#/components/schemas/${name}` };
}

/** Parameters of a query, from the schema that reads it. */
export function queryParameters(query: z.ZodObject): ApiObject[] {
  const { properties = {} } = jsonSchemaOf(query, 'input') as {
    readonly properties?: Readonly<Record<string, ApiObject>>;
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}
