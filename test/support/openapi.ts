import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { expect } from 'vitest';

import { ask, json } from './http-client.ts';
import type { Answer } from './http-client.ts';

type Content = Readonly<
  Record<
    string,
    {
      readonly schema?: Readonly<Record<string, unknown>>;
      readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
    }
  >
>;

/** One operation of an OpenAPI document, as far as tests look at it. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Readonly<Record<string, unknown>>;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

/** An OpenAPI document, as far as tests look at it. */
export interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Record<string, unknown>>> };
}

/** Checks values against the schemas of a document, wherever they stand in it. */
export interface ApiChecker {
  readonly document: ApiDocument;
  isValid(schema: unknown, value: unknown): boolean;
  /** Asserts that `value` is what a schema of the document says. */
  expectValid(schema: unknown, value: unknown): void;
  /** Asserts that an answer is one of those that an operation has. */
  expectDescribed(operation: Operation, answer: Answer): void;
}

/** A function's document, held to the specification's own schema; each of its schemas compiles, strictly. */
export async function readApi(url: string): Promise<ApiChecker> {
  const own = await ask(`${url}/openapi.json`);
  const document = json<ApiDocument>(own);
  const { valid, errors } = await new Validator().validate(json(own));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);

  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- CommonJS, typed as ESM
  (addFormatsModule as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addKeyword('components').addSchema({ $id: 'api', components: document.components });
  const compile = (schema: unknown): ReturnType<typeof ajv.compile> =>
    // References of the document are meant from its root.
    ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as object);
  for (const schema of Object.values(document.components.schemas)) compile(schema);

  const checker: ApiChecker = {
    document,
    isValid: (schema, value) => compile(schema)(value) as boolean,
    expectValid(schema, value) {
      const check = compile(schema);
      expect(check(value), JSON.stringify(check.errors)).toBe(true);
    },
    expectDescribed({ responses }, answer) {
      const response = responses[String(answer.status)] ?? responses['default'];
      const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
      expect(Object.keys(response?.content ?? {})).toContain(type);
      const schema = response?.content?.[type]?.schema;
      if (type === 'application/json') checker.expectValid(schema, json(answer));
    },
  };
  return checker;
}
