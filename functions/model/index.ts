import * as z from 'zod';

import { defineModel } from '../define-model.ts';
import { NotFoundError } from '../runtime/errors.ts';

/**
 * Any model that `npm run models -- import` has made a package of. What it takes and gives is what its ONNX
 * file says, over the Open Inference Protocol and KServe's first one; there is no typed form of it.
 */
export const model = defineModel({
  name: 'model',
  protocolsOnly: true,
  request: z.never(),
  response: z.never(),
  predict: () =>
    Promise.reject(new NotFoundError('An imported model has no typed requests: use /v2 or /v1')),
});
