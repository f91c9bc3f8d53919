/** What the page reads of `/openapi.json`. https://spec.openapis.org/oas/v3.1.1.html */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, { readonly post?: ApiOperation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, ApiSchema>> };
}

/** One method of one path. */
export interface ApiOperation {
  readonly summary: string;
  readonly parameters?: readonly ApiParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, ApiMedia>> };
  readonly responses: { readonly 200: { readonly content: Readonly<Record<string, ApiMedia>> } };
}

/** A parameter of an operation. */
export interface ApiParameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly schema: ApiSchema;
}

/** One form of a body. */
export interface ApiMedia {
  readonly schema?: ApiSchema;
  readonly examples?: { readonly one?: { readonly value: unknown } };
}

/** The parts of JSON Schema that a form can show. */
export interface ApiSchema {
  readonly $ref?: string;
  readonly anyOf?: readonly ApiSchema[];
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, ApiSchema>>;
  readonly required?: readonly string[];
  readonly items?: ApiSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly contentEncoding?: string;
  readonly contentMediaType?: string;
}

/** The schema itself: of a reference what it names, of a choice what comes first. */
export function resolve(document: ApiDocument, schema: ApiSchema = {}): ApiSchema {
  const { $ref: reference, anyOf: choices } = schema;
  if (reference !== undefined) {
    return resolve(document, document.components.schemas[reference.split('/').at(-1) ?? '']);
  }
  return choices?.[0] === undefined ? schema : resolve(document, choices[0]);
}
