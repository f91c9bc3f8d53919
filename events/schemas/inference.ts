import * as z from 'zod';

const shape = z.array(z.int().nonnegative()).max(8);
const parameters = z.record(z.string(), z.unknown()).optional();
const tensor = z.looseObject({
  name: z.string().min(1),
  shape: shape.describe('Rows first'),
  datatype: z.string().describe('FP32, INT64, BYTES, … as in the Open Inference Protocol'),
  parameters,
  data: z.unknown().describe('Values, flat or nested by row'),
});

/**
 * Data of `inference.request`: a request of the Open Inference Protocol in JSON. With the extension `format: predict`
 * they are instead what `POST /predict` of the model takes, in the form that `datacontenttype` says; the function's own
 * `/openapi.json` describes that.
 */
export const inferenceRequestData = z.looseObject({
  id: z.string().optional(),
  parameters,
  inputs: z.array(tensor).min(1),
  outputs: z.array(z.looseObject({ name: z.string(), parameters })).optional(),
});

/**
 * Data of `inference.response`: the Open Inference Protocol's answer; with `format: predict` that of `POST /predict`;
 * in an answer to a batch also `{error}`. None when the answer was too large and `dataref` says where it is.
 */
export const inferenceResponseData = z.union([
  z.looseObject({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    outputs: z.array(tensor),
  }),
  z.looseObject({
    error: z.looseObject({ code: z.string(), message: z.string() }),
  }),
  z.looseObject({ model_name: z.string(), model_version: z.string(), request_id: z.string() }),
]);
