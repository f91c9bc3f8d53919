import type * as z from 'zod';

import type { AnyModelDefinition } from '../../../define-model.ts';
import type { AnyEndpoint } from '../../../endpoint.ts';
import type { InputForm, MultipartForm } from '../../../input-form.ts';
import type { ApiObject, RouteDescription } from '../../http/route.ts';
import { componentRef, jsonSchemaOf, queryParameters } from '../../openapi/json-schema.ts';

const ENVELOPE = {
  model_name: { type: 'string' },
  model_version: { type: 'string' },
  request_id: { type: 'string' },
  processing_time_ms: { type: 'number' },
  batch_size: { type: 'integer', description: 'Rows of the run that served the request' },
};

/** The schemas of a model's own requests and answers, by the names that its routes use. */
export function typedSchemas({ request, response }: AnyModelDefinition): Record<string, ApiObject> {
  const prediction = jsonSchemaOf(response, 'output');
  const [one, list] = [
    componentRef('Prediction'),
    { type: 'array', items: componentRef('Prediction') },
  ];
  return {
    Instance: jsonSchemaOf(request, 'input'),
    Prediction: prediction,
    PredictRequest: {
      anyOf: [
        componentRef('Instance'),
        {
          type: 'object',
          required: ['instances'],
          additionalProperties: false,
          properties: {
            instances: { type: 'array', minItems: 1, items: componentRef('Instance') },
          },
        },
      ],
    },
    PredictResponse: {
      anyOf: [withEnvelope(prediction), withEnvelope(fields({ predictions: list }))],
    },
    InferResponse: withEnvelope(fields({ output: { anyOf: [one, list] } })),
  };
}

/** What OpenAPI says of `/predict` and `/infer`. */
export function describePredict(
  definition: AnyModelDefinition,
  enveloped: boolean,
): RouteDescription {
  const { example, forms, options } = definition;
  const schema = componentRef('PredictRequest');
  return {
    summary: 'Predicts: one instance, or a list of them',
    parameters: options === undefined ? [] : queryParameters(options),
    requestContent: {
      'application/json':
        example === undefined
          ? { schema }
          : {
              schema,
              examples: { one: { value: example }, list: { value: { instances: [example] } } },
            },
      ...formContent(forms, options),
    },
    responseContent: {
      'application/json': { schema: componentRef(enveloped ? 'InferResponse' : 'PredictResponse') },
    },
  };
}

/** What OpenAPI says of one of a model's endpoints. */
export function describeEndpoint(
  { description, example, forms, options, request, response }: AnyEndpoint,
  produces: readonly string[],
): RouteDescription {
  const schema = jsonSchemaOf(request, 'input');
  const others = produces.filter((type) => type !== 'application/json');
  return {
    summary: description,
    parameters: options === undefined ? [] : queryParameters(options),
    requestContent: {
      'application/json':
        example === undefined ? { schema } : { schema, examples: { one: { value: example } } },
      ...formContent(forms, options),
    },
    responseContent: {
      'application/json': { schema: withEnvelope(jsonSchemaOf(response, 'output')) },
      ...Object.fromEntries(others.map((type) => [type, bodyOf(type)])),
    },
  };
}

/** The schema of a JSON object with the envelope's names beside its own. */
function withEnvelope(schema: ApiObject): ApiObject {
  const { properties = {}, required = [] } = schema as {
    readonly properties?: ApiObject;
    readonly required?: readonly string[];
  };
  return {
    ...schema,
    type: 'object',
    properties: { ...properties, ...ENVELOPE },
    required: [...required, ...Object.keys(ENVELOPE)],
  };
}

function fields(properties: ApiObject): ApiObject {
  return {
    type: 'object',
    required: Object.keys(properties),
    additionalProperties: false,
    properties,
  };
}

/** A body that is not JSON: text has a schema, bytes need none. */
function bodyOf(mediaType: string): ApiObject {
  return mediaType.startsWith('text/') ? { schema: { type: 'string' } } : {};
}

function formContent(
  forms: readonly InputForm[] = [],
  options: z.ZodObject | undefined,
): Record<string, ApiObject> {
  return Object.fromEntries(
    forms.flatMap((form): [string, ApiObject][] =>
      form.multipart === undefined
        ? form.mediaTypes.map((type) => [type, bodyOf(type)])
        : [['multipart/form-data', multipartContent(form, options)]],
    ),
  );
}

function multipartContent(
  { multipart }: MultipartForm,
  options: z.ZodObject | undefined,
): ApiObject {
  const entries = Object.entries(multipart);
  const own = entries.map(([name, { kind, description, repeats }]): [string, ApiObject] => {
    const content =
      kind === 'file'
        ? { type: 'string', contentMediaType: 'application/octet-stream' }
        : { type: 'string' };
    return [
      name,
      repeats === true
        ? { type: 'array', items: content, description }
        : { ...content, description },
    ];
  });
  return {
    schema: {
      type: 'object',
      required: entries.filter(([, field]) => field.required === true).map(([name]) => name),
      additionalProperties: false,
      properties: { ...Object.fromEntries(own), ...optionSchemas(options) },
    },
  };
}

function optionSchemas(options: z.ZodObject | undefined): Readonly<Record<string, ApiObject>> {
  if (options === undefined) return {};
  return (jsonSchemaOf(options, 'input')['properties'] ?? {}) as Record<string, ApiObject>;
}
