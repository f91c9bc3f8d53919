import type { TensorSpec } from '../../../runtime/tensor.ts';
import type { ModelService } from '../../service.ts';

/** A model's configuration as Triton's extension gives it; of its many fields, those that say something here. */
export interface ModelConfig {
  readonly name: string;
  readonly platform: string;
  readonly backend: string;
  readonly version_policy: object;
  /** Rows of one run at most; 0 for a model without a batch axis. */
  readonly max_batch_size: number;
  readonly input: readonly ConfigTensor[];
  readonly output: readonly ConfigTensor[];
  readonly dynamic_batching?: object;
  readonly instance_group: readonly object[];
  readonly default_model_filename: string;
}

interface ConfigTensor {
  readonly name: string;
  readonly data_type: string;
  /** Without the batch axis. */
  readonly dims: readonly number[];
}

/**
 * What clients that were written for Triton read of a model before they use it.
 * https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_configuration.md
 */
export function modelConfig({ model, engine, config }: ModelService): ModelConfig {
  const { manifest, session } = model;
  const { batch } = manifest;
  const toConfig = ({ name, datatype, shape }: TensorSpec): ConfigTensor => ({
    name,
    data_type: `TYPE_${datatype === 'BYTES' ? 'STRING' : datatype}`,
    dims: batch === undefined ? shape : shape.slice(1),
  });
  return {
    name: manifest.name,
    platform: 'onnx_onnxv1',
    backend: 'onnxruntime',
    version_policy: { specific: { versions: [manifest.version] } },
    max_batch_size: batch?.max_rows ?? 0,
    input: session.inputs.map(toConfig),
    output: session.outputs.map(toConfig),
    ...(batch === undefined
      ? {}
      : {
          dynamic_batching: {
            max_queue_delay_microseconds: Math.round(config.MAX_QUEUE_DELAY_MS * 1000),
          },
        }),
    instance_group: [{ name: manifest.name, kind: 'KIND_CPU', count: engine.sessions() }],
    default_model_filename: 'model.onnx',
  };
}
