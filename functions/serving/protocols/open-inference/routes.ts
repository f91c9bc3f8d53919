import { VERSION } from '../../../runtime/version.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { jsonReply } from '../../http/respond.ts';
import type { Reply, Route } from '../../http/route.ts';
import type { ModelService } from '../../service.ts';
import { checkModel } from '../check-model.ts';
import { infer } from './infer.ts';

type Parameters = Readonly<Record<string, string>>;
type Handle = (context: RequestContext, body: Buffer) => Reply | Promise<Reply>;

/** Extensions of the protocol that are served, by the names that Triton gives them. */
const EXTENSIONS = ['binary_tensor_data', 'classification'];

/**
 * Binary tensors come as bytes, and as such some clients send JSON too; curl calls what its `-d` sends a
 * form, and the field's documentation leaves it at that.
 */
const INFERENCE_TYPES = [
  'application/json',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
];

/**
 * The Open Inference Protocol, version 2, over HTTP. Its health routes are probes and live in the front door.
 * https://github.com/open-inference/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export function openInferenceRoutes(service: ModelService): Route[] {
  const { manifest, session } = service.model;
  const version = String(manifest.version);

  const metadata = (): Reply =>
    jsonReply(200, {
      name: manifest.name,
      versions: [version],
      platform: 'onnx_onnxv1',
      inputs: session.inputs,
      outputs: session.outputs,
    });
  const ready = (): Reply => {
    const sound = service.engine.isSound();
    return jsonReply(sound ? 200 : 503, { name: manifest.name, ready: sound });
  };

  /** Both forms of a path below a model, with the checks that both need. */
  const below = (method: Route['method'], path: string, handle: Handle): Route[] =>
    ['/v2/models/{model}', '/v2/models/{model}/versions/{version}'].map((prefix) => ({
      method,
      path: prefix + path,
      handle: (context: RequestContext, parameters: Parameters, body: Buffer) => {
        checkModel(manifest, parameters['model'], parameters['version']);
        return handle(context, body);
      },
    }));

  return [
    {
      method: 'GET',
      path: '/v2',
      handle: () =>
        jsonReply(200, { name: 'pilotlight', version: VERSION, extensions: EXTENSIONS }),
    },
    {
      method: 'GET',
      path: '/v2/models',
      handle: () => jsonReply(200, { models: [manifest.name] }),
    },
    ...below('GET', '', metadata),
    ...below('GET', '/ready', ready),
    ...below('POST', '/infer', (context, body) => infer(service, context, body)).map((route) => ({
      ...route,
      predicts: true,
      accepts: INFERENCE_TYPES,
      acceptsNoType: true,
    })),
  ];
}
