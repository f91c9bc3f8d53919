import { ModelLoadError } from '../../../runtime/errors.ts';
import { jsonReply } from '../../http/respond.ts';
import type { Route } from '../../http/route.ts';
import type { ModelService } from '../../service.ts';
import { checkModel } from '../check-model.ts';
import { INFERENCE_TYPES } from '../inference-types.ts';
import { predict } from './predict.ts';

/**
 * KServe's first protocol, that of TensorFlow Serving.
 * https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
 */
export function kserveV1Routes(service: ModelService): Route[] {
  const { manifest } = service.model;
  return [
    {
      method: 'GET',
      path: '/v1/models',
      handle: () => jsonReply(200, { models: [manifest.name] }),
    },
    {
      method: 'GET',
      path: '/v1/models/{model}',
      handle: (_context, { model }) => {
        checkModel(manifest, model, undefined);
        if (service.engine.isSound()) return jsonReply(200, { name: manifest.name, ready: true });
        throw new ModelLoadError(`The model "${manifest.name}" is not ready`, {
          retryAfterSeconds: 1,
          permanent: false,
        });
      },
    },
    {
      method: 'POST',
      path: '/v1/models/{model}:predict',
      accepts: INFERENCE_TYPES,
      acceptsNoType: true,
      predicts: true,
      handle: (context, { model }, body) => {
        checkModel(manifest, model, undefined);
        return predict(service, context, body);
      },
    },
  ];
}
