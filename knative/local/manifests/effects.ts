import * as z from 'zod';

/** What a manifest field does in the stand-in, for the table of `npm start -- --explain`. */
export interface Effect {
  readonly kind: 'implemented' | 'no effect locally';
  /** How it is done here, or why there is nothing to do. */
  readonly note: string;
}

const effects = z.registry<Effect>();

/** Marks a field as implemented here; `note` says how. */
export function implemented<Schema extends z.ZodType>(schema: Schema, note: string): Schema {
  return withEffect(schema, { kind: 'implemented', note });
}

/** Marks a field as read, checked and without any effect here; `note` says why. */
export function noEffect<Schema extends z.ZodType>(schema: Schema, note: string): Schema {
  return withEffect(schema, { kind: 'no effect locally', note });
}

/** The registry goes by instance, and several fields may share one schema: each gets a copy. */
function withEffect<Schema extends z.ZodType>(schema: Schema, effect: Effect): Schema {
  const copy = schema.clone();
  effects.add(copy, effect);
  return copy;
}

/** A field that Knative knows and the stand-in refuses by name. */
export function refused(reason: string): z.ZodOptional<z.ZodNever> {
  return z.never({ error: `not in the local stand-in: ${reason}` }).optional();
}

/** One field that a manifest uses. List items are written `[]`. */
export interface FieldEffect extends Effect {
  readonly field: string;
}

/** The effect of every field that `value` uses; `value` has been checked against `schema`. */
export function fieldEffects(schema: z.ZodType, value: unknown, field = ''): FieldEffect[] {
  if (value === undefined) return [];
  const effect = effects.get(schema);
  if (effect !== undefined) return [{ field, ...effect }];
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return fieldEffects(schema.unwrap() as z.ZodType, value, field);
  }
  if (schema instanceof z.ZodArray) {
    const items = value as readonly unknown[];
    return items.flatMap((item) => fieldEffects(schema.element as z.ZodType, item, `${field}[]`));
  }
  if (schema instanceof z.ZodObject) {
    return Object.entries(value as Record<string, unknown>).flatMap(([key, child]) => {
      const childSchema =
        (schema.shape as Record<string, z.ZodType>)[key] ??
        (schema.def.catchall as z.ZodType | undefined);
      return childSchema === undefined ? [] : fieldEffects(childSchema, child, join(field, key));
    });
  }
  throw new TypeError(`Field ${field} of the Service schema has no effect attached`);
}

/** Annotations have dots and slashes in their names: brackets keep the path readable. */
function join(field: string, key: string): string {
  if (/[./]/.test(key)) return `${field}[${key}]`;
  return field === '' ? key : `${field}.${key}`;
}
