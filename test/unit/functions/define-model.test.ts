import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { CATALOGUE } from '../../../functions/catalogue.ts';
import { defineModel } from '../../../functions/define-model.ts';
import type { AnyModelDefinition, RowModel } from '../../../functions/define-model.ts';
import type { AnyEndpoint } from '../../../functions/endpoint.ts';
import type { InputForm } from '../../../functions/input-form.ts';

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

describe('defineModel() checks forms and endpoints', () => {
  const raw = (...mediaTypes: string[]): InputForm => ({ mediaTypes, read: () => ({}) });
  const multipart = (name: string): InputForm => ({
    multipart: { [name]: { kind: 'file', description: 'A file' } },
    read: () => ({}),
  });
  const endpoint = (path: `/${string}`, more: Partial<AnyEndpoint> = {}): AnyEndpoint => ({
    path,
    description: 'A test',
    request: z.unknown(),
    response: z.object({}),
    predict: async () => ({}),
    ...more,
  });
  const rose = definition(z.object({}));

  it.each<readonly [string, Partial<AnyModelDefinition>, string]>([
    ['one type twice', { forms: [raw('a/b', 'c/d'), raw('a/b')] }, 'two forms read a/b'],
    ['two multipart forms', { forms: [multipart('a'), multipart('b')] }, 'multipart/form-data'],
    ['a form of JSON', { forms: [raw('application/json')] }, 'reads application/json'],
    ['a type in capitals', { forms: [raw('image/PNG')] }, 'image/PNG is not in lower case'],
    [
      'a field that is an option',
      { forms: [multipart('k')], options: z.object({ k: z.string().optional() }) },
      '"k" is a field of a form and an option',
    ],
    [
      'an option that must be given',
      { options: z.object({ k: z.int() }) },
      'its options have no defaults',
    ],
    ['an endpoint of the platform', { endpoints: [endpoint('/predict')] }, 'its path is taken'],
    ['an endpoint below one', { endpoints: [endpoint('/v2/test')] }, 'its path is taken'],
    ['an endpoint twice', { endpoints: [endpoint('/a'), endpoint('/a')] }, 'its path is taken'],
    ['an endpoint in capitals', { endpoints: [endpoint('/Test')] }, 'not like "/test"'],
    ['an endpoint of nothing', { endpoints: [endpoint('/')] }, 'not like "/test"'],
    [
      'an endpoint that answers with the envelope’s names',
      { endpoints: [endpoint('/a', { response: z.object({ batch_size: z.int() }) })] },
      'its response uses batch_size',
    ],
    [
      'an endpoint with two forms of one type',
      { endpoints: [endpoint('/a', { forms: [raw('a/b'), raw('a/b')] })] },
      'two forms read a/b',
    ],
  ])('refuses %s', (_what, more, why) => {
    const wrong = { ...rose, ...more } as AnyModelDefinition;

    expect(() => defineModel(wrong)).toThrow(why);
  });

  it('takes several forms, options and endpoints', () => {
    const right = {
      ...rose,
      forms: [raw('image/*', 'text/csv'), multipart('file')],
      options: z.object({ k: z.int().default(1), l: z.string().optional() }),
      endpoints: [endpoint('/test'), endpoint('/test-text'), endpoint('/a/b2')],
    } as AnyModelDefinition;

    expect(defineModel(right)).toBe(right);
  });
});

describe('the catalogue', () => {
  it.each(Object.entries(CATALOGUE))('knows %s by its own name', async (name, load) => {
    expect((await load()).name).toBe(name);
  });
});
