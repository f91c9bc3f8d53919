import { expect, test } from 'vitest';
import * as z from 'zod';

import { fieldEffects } from '../../../../../knative/local/manifests/effects.ts';
import { knativeService } from '../../../../../knative/local/manifests/service-schema.ts';

/** What the schema says of every field that it knows, whether any manifest uses it or not. */
function allFields(schema: z.ZodType, field = ''): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    const inner = schema.unwrap() as z.ZodType;
    if (inner instanceof z.ZodNever) return [`${field}: refused`];
    return hasEffect(schema, field) ?? allFields(inner, field);
  }
  const effect = hasEffect(schema, field);
  if (effect) return effect;
  if (schema instanceof z.ZodArray) return allFields(schema.element as z.ZodType, `${field}[]`);
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, child]) =>
      allFields(child, `${field}.${key}`),
    );
  }
  return [`${field}: nothing`];
}

/** A schema with an effect of its own gives that, whatever the value. */
function hasEffect(schema: z.ZodType, field: string): string[] | undefined {
  if (schema instanceof z.ZodNever) return [`${field}: refused`];
  const marker = 'a value that no schema has';
  try {
    const [first, ...more] = fieldEffects(schema, marker, field);
    const isOwn = first?.field === field && more.length === 0;
    return isOwn ? [`${field}: ${first.kind}: ${first.note}`] : undefined;
  } catch {
    return undefined;
  }
}

test('every field of the schema is implemented, without effect, or refused by name', () => {
  const fields = allFields(knativeService);

  expect(fields.length).toBeGreaterThan(60);
  expect(fields.filter((field) => field.endsWith(': nothing'))).toEqual([]);
});

test('no field is put off', () => {
  const putOff = allFields(knativeService).filter((field) => /\b(yet|later|to come)\b/.test(field));

  expect(putOff).toEqual([]);
});
