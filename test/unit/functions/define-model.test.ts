import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { CATALOGUE } from '../../../functions/catalogue.ts';
import { defineModel } from '../../../functions/define-model.ts';
import type { RowModel } from '../../../functions/define-model.ts';

const definition = (response: z.ZodType): RowModel<unknown, unknown> => ({
  name: 'rose',
  request: z.unknown(),
  response,
  preprocess: () => ({}),
  postprocess: () => [],
});

describe('defineModel()', () => {
  it('returns the definition', () => {
    const rose = definition(z.object({ prediction: z.string() }));

    expect(defineModel(rose)).toBe(rose);
  });

  it.each(['model_name', 'model_version', 'request_id', 'processing_time_ms', 'batch_size'])(
    'refuses a response with the field %s, which is the envelope’s',
    (name) => {
      const rose = definition(z.object({ prediction: z.string(), [name]: z.string() }));

      expect(() => defineModel(rose)).toThrow(
        new TypeError(`Cannot define "rose" as its response uses ${name}`),
      );
    },
  );
});

describe('the catalogue', () => {
  it.each(Object.entries(CATALOGUE))('knows %s by its own name', async (name, load) => {
    expect((await load()).name).toBe(name);
  });
});
