import { resolve } from './api-document.ts';
import type { ApiDocument, ApiOperation } from './api-document.ts';
import { fieldOf, fieldsOf } from './field-of.ts';
import type { PageCall, PageField } from './page-facts.ts';

/** Samples of a function's routes by path; each an instance as JSON carries it. */
export type Samples = Readonly<Record<string, unknown>>;

/**
 * The function's own routes, as `/openapi.json` describes them: those for events and of the protocols are not
 * among them, nor is `/infer`, which is `/predict` in another form.
 */
export function describeCalls(document: ApiDocument, samples: Samples): PageCall[] {
  return Object.entries(document.paths).flatMap(([path, { post }]) =>
    post === undefined || /^\/(?:v\d+\/.*|infer|)$/.test(path)
      ? []
      : [describeCall(document, path, post, samples[path])],
  );
}

function describeCall(
  document: ApiDocument,
  path: string,
  operation: ApiOperation,
  sample: unknown,
): PageCall {
  const options = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, description = '', schema }) => fieldOf(name, { ...schema, description }, false));
  const names = options.map(({ name }) => name);
  const body = bodyOf(document, operation, names);
  const answer = operation.responses[200].content['application/json']?.schema;
  return {
    path: path.slice(1),
    description: operation.summary,
    ...body,
    options,
    sample: valuesOf(body.fields, sample),
    notes: Object.fromEntries(
      Object.entries(resolve(document, answer).properties ?? {}).flatMap(
        ([name, { description }]) => (description === undefined ? [] : [[name, description]]),
      ),
    ),
  };
}

type Body = Pick<PageCall, 'body' | 'contentType' | 'fields'>;

/** A form where there is one, as browsers and curl send files best; else text as it is, else JSON. */
function bodyOf(document: ApiDocument, operation: ApiOperation, options: readonly string[]): Body {
  const content = operation.requestBody?.content ?? {};
  const form = content['multipart/form-data'];
  if (form !== undefined) {
    const fields = fieldsOf(resolve(document, form.schema)) ?? [];
    return {
      body: 'form',
      contentType: 'multipart/form-data',
      fields: fields.filter(({ name }) => !options.includes(name)),
    };
  }
  const schema = resolve(document, content['application/json']?.schema);
  const fields = fieldsOf(schema);
  const text = Object.keys(content).find((type) => type.startsWith('text/'));
  if (text !== undefined && fields?.length === 1 && fields[0]?.kind === 'text') {
    return { body: 'whole', contentType: text, fields };
  }
  return fields === undefined
    ? { body: 'whole', contentType: 'application/json', fields: [wholeBody('The body, as JSON')] }
    : { body: 'json', contentType: 'application/json', fields };
}

/** The one field of a body that is written as JSON by hand. */
export function wholeBody(description: string): PageField {
  return { name: 'body', kind: 'json', description, isRequired: true };
}

/** A sample's values by field: what repeats in a form as `text` is `texts` in JSON. */
function valuesOf(fields: readonly PageField[], sample: unknown): Record<string, unknown> {
  const given = (sample ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    fields.flatMap(({ name, kind }): [string, unknown][] => {
      const value = given[name] ?? (kind === 'lines' ? given[`${name}s`] : undefined);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
