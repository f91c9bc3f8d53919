import { ForbiddenError } from '../../../runtime/errors.ts';
import { VERSION } from '../../../runtime/version.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { jsonReply } from '../../http/respond.ts';
import type { Reply, Route } from '../../http/route.ts';
import type { ModelService } from '../../service.ts';
import { checkModel } from '../check-model.ts';
import { INFERENCE_TYPES } from '../inference-types.ts';
import { infer } from './infer.ts';
import { modelConfig } from './model-config.ts';
import { repositoryIndex } from './repository-index.ts';
import { modelStatistics } from './statistics.ts';

type Parameters = Readonly<Record<string, string>>;
type Handle = (context: RequestContext, body: Buffer) => Reply | Promise<Reply>;

/** Extensions of the protocol that are served, by the names that Triton gives them. */
const EXTENSIONS = [
  'binary_tensor_data',
  'classification',
  'model_configuration',
  'model_repository',
  'statistics',
];

/**
 * The Open Inference Protocol, version 2, over HTTP. Its health routes are probes and live in the front door.
 * https://github.com/open-inference/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export function openInferenceRoutes(service: ModelService): Route[] {
  const { manifest, session } = service.model;
  const answer = (value: () => unknown) => (): Reply => jsonReply(200, value());

  const metadata = answer(() => ({
    name: manifest.name,
    versions: [String(manifest.version)],
    platform: 'onnx_onnxv1',
    inputs: session.inputs,
    outputs: session.outputs,
  }));
  const ready = (): Reply => {
    const sound = service.engine.isSound();
    return jsonReply(sound ? 200 : 503, { name: manifest.name, ready: sound });
  };
  const statistics = answer(() => modelStatistics(service));

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
      handle: answer(() => ({ name: 'pilotlight', version: VERSION, extensions: EXTENSIONS })),
    },
    { method: 'GET', path: '/v2/models', handle: answer(() => ({ models: [manifest.name] })) },
    // Before the model of that name, which the protocol leaves no room for.
    { method: 'GET', path: '/v2/models/stats', handle: statistics },
    ...below('GET', '', metadata),
    ...below('GET', '/ready', ready),
    ...below(
      'GET',
      '/config',
      answer(() => modelConfig(service)),
    ),
    ...below('GET', '/stats', statistics),
    ...below('POST', '/infer', (context, body) => infer(service, context, body)).map((route) => ({
      ...route,
      predicts: true,
      accepts: INFERENCE_TYPES,
      acceptsNoType: true,
    })),
    {
      method: 'POST',
      path: '/v2/repository/index',
      accepts: INFERENCE_TYPES,
      acceptsNoType: true,
      handle: (_context, _parameters, body) => jsonReply(200, repositoryIndex(service, body)),
    },
    ...['load', 'unload'].map((action): Route => ({
      method: 'POST',
      path: `/v2/repository/models/{model}/${action}`,
      handle: refuseRepositoryChange,
    })),
  ];
}

function refuseRepositoryChange(): never {
  throw new ForbiddenError(
    'Models are not loaded and unloaded by request: the deployment says which one is served',
  );
}
