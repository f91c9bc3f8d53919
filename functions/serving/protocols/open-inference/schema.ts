import * as z from 'zod';

import { DATATYPES } from '../../../runtime/tensor.ts';

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const input = z.strictObject({
  name: z.string(),
  shape: z
    .array(
      z
        .int()
        .nonnegative()
        .max(2 ** 31),
    )
    .max(16),
  datatype: z.enum([...DATATYPES, 'BF16']),
  parameters: parameters.optional(),
  // Read by `read-tensor.ts`: a schema of nested numbers would visit every element twice.
  data: z.unknown().optional(),
});

const output = z.strictObject({ name: z.string(), parameters: parameters.optional() });

/**
 * An inference request with JSON tensors.
 * https://github.com/open-inference/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#inference-request-json-object
 */
export const inferenceRequest = z.strictObject({
  id: z.string().max(256).optional(),
  // Not in the protocol, but some clients repeat here what the URL says.
  model_name: z.string().optional(),
  model_version: z.string().nullish(),
  parameters: parameters.optional(),
  inputs: z.array(input).min(1),
  outputs: z.array(output).optional(),
});

/** One input of a parsed request. */
export type RequestInput = z.infer<typeof input>;

/** A parsed request; `data` is still as it came. */
export type InferenceRequestBody = z.infer<typeof inferenceRequest>;
