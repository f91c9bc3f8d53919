import type { ApiObject, Route, RouteDescription } from '../../http/route.ts';
import { inferenceRequest } from '../open-inference/schema.ts';
import { componentRef, jsonSchemaOf } from '../../openapi/json-schema.ts';

const TENSOR = {
  type: 'object',
  required: ['name', 'datatype', 'shape'],
  properties: {
    name: { type: 'string' },
    datatype: { type: 'string' },
    shape: { type: 'array', items: { type: 'integer' } },
    parameters: {
      type: 'object',
      properties: {
        binary_data_size: { type: 'integer', description: 'Bytes in the binary part' },
      },
    },
    data: { type: 'array', description: 'Flat, row-major; left out of a binary tensor' },
  },
};

const HEADER_LENGTH = {
  description: 'Bytes of the body that are JSON; binary tensors follow them',
  schema: { type: 'integer', minimum: 0 },
};

const BINARY_FORM =
  'JSON as application/json has it, and right behind it the bytes of the tensors that have ' +
  '`parameters.binary_data_size` and no `data`, in their order: little-endian, row-major, without padding; ' +
  'each element of BYTES after its length in 4 bytes. The header Inference-Header-Content-Length says where ' +
  'the JSON ends.';

const BINARY = {
  schema: {
    type: 'string',
    contentMediaType: 'application/octet-stream',
    description: BINARY_FORM,
  },
};

/** Schemas of the protocols' bodies, for the document's components. */
export function protocolSchemas(): Record<string, ApiObject> {
  return {
    InferenceRequest: jsonSchemaOf(inferenceRequest, 'input'),
    InferenceResponse: {
      type: 'object',
      required: ['model_name', 'outputs'],
      properties: {
        model_name: { type: 'string' },
        model_version: { type: 'string' },
        id: { type: 'string' },
        outputs: { type: 'array', items: TENSOR },
      },
    },
    V1Request: {
      type: 'object',
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: false,
      properties: {
        instances: {
          type: 'array',
          minItems: 1,
          description: 'Rows: of each input by name, or of the only one by itself',
        },
        inputs: { description: 'Columns: of each input by name, or of the only one by itself' },
      },
    },
    V1Response: {
      type: 'object',
      required: ['predictions'],
      properties: {
        predictions: {
          type: 'array',
          description: 'One per row: the only output’s value, or an object with one per output',
        },
      },
    },
  };
}

/** Body and answer of a route that predicts by one of the protocols; undefined for any other. */
export function protocolDescription({
  method,
  path,
  predicts,
}: Pick<Route, 'method' | 'path' | 'predicts'>): RouteDescription | undefined {
  if (predicts !== true) return undefined;
  const summary = `${method} ${path}`;
  if (path.startsWith('/v1/')) {
    return { summary, requestContent: json('V1Request'), responseContent: json('V1Response') };
  }
  if (!path.startsWith('/v2/')) return undefined;
  return {
    summary,
    parameters: [
      { name: 'Inference-Header-Content-Length', in: 'header', required: false, ...HEADER_LENGTH },
    ],
    requestContent: { ...json('InferenceRequest'), 'application/octet-stream': BINARY },
    responseContent: { ...json('InferenceResponse'), 'application/octet-stream': BINARY },
    responseHeaders: { 'Inference-Header-Content-Length': HEADER_LENGTH },
  };
}

function json(schema: string): Record<string, ApiObject> {
  return { 'application/json': { schema: componentRef(schema) } };
}
