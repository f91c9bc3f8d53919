import type * as z from 'zod';

import { valueOfText } from '../../../inputs/text-value.ts';
import { validate } from '../../../inputs/validate.ts';
import { InvalidRequestError } from '../../../runtime/errors.ts';
import { quote } from '../quote.ts';

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
    given[name] = valueOfText(text, option);
  }
  return validate(schema, given, 'The set of options');
}
