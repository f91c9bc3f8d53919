import type { Datatype } from '../../../functions/runtime/tensor.ts';
import type { Axis, GraphValue, OnnxModel } from '../onnx/onnx-model.ts';

/** An input or output that can travel: a tensor of a datatype that the protocol has. */
export interface TensorValue {
  readonly name: string;
  readonly datatype: Datatype;
  readonly axes: readonly Axis[];
}

/** The protocol's names of ONNX's element types; it lacks the others. */
const DATATYPES: Readonly<Record<string, Datatype>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float: 'FP32',
  double: 'FP64',
  string: 'BYTES',
};

/** The protocol's name of an element type; undefined when it has none. */
export function datatypeOf(element: string): Datatype | undefined {
  return DATATYPES[element];
}

/** More than any model has, and what the protocol's requests are read up to. */
const MAX_TENSORS = 64;

/** Why a file cannot be served, as far as it says so itself: one sentence each, with what to do. */
export function faultsOf({ externalFiles, inputs, outputs }: OnnxModel): string[] {
  const [first] = externalFiles;
  return [
    ...(first === undefined
      ? []
      : [
          `its weights are in other files (external data: ${externalFiles.slice(0, 3).join(', ')}). Put them ` +
            'inside: torch.onnx.export(…, external_data=False), or ' +
            'onnx.save_model(onnx.load("model.onnx"), "whole.onnx", save_as_external_data=False)',
        ]),
    ...(inputs.length === 0 ? ['it has no inputs: there would be nothing to ask it'] : []),
    ...(outputs.length === 0 ? ['it has no outputs: it would answer nothing'] : []),
    ...[inputs, outputs]
      .filter((values) => values.length > MAX_TENSORS)
      .map(
        (values) => `it has ${values.length} inputs or outputs: at most ${MAX_TENSORS} are served`,
      ),
    ...inputs.flatMap((value) => valueFaults('input', value)),
    ...outputs.flatMap((value) => valueFaults('output', value)),
  ];
}

function valueFaults(kind: 'input' | 'output', { name, type }: GraphValue): string[] {
  const what = `its ${kind} "${name}"`;
  if (type.kind === 'other') {
    const advice = type.description.includes('map')
      ? 'With skl2onnx: to_onnx(model, X, options={"zipmap": False})'
      : 'Only tensors can be sent: export the model so that each is one';
    return [`${what} is ${type.description}. ${advice}`];
  }
  if (datatypeOf(type.element) === undefined) {
    return [
      `${what} is of type ${type.element}, which the protocols lack. Put a Cast to float or int64 there when you export`,
    ];
  }
  if (kind === 'input' && type.shape === undefined) {
    return [
      `${what} does not say how many axes it has. Export it with a shape; axes that vary may have names, like ["batch", 4]`,
    ];
  }
  return [];
}

/** The values as tensors; those of a file with {@link faultsOf} are left out. */
export function tensorValues(values: readonly GraphValue[]): TensorValue[] {
  return values.flatMap(({ name, type }) => {
    const datatype = type.kind === 'tensor' ? datatypeOf(type.element) : undefined;
    if (type.kind !== 'tensor' || datatype === undefined) return [];
    return [{ name, datatype, axes: type.shape ?? [] }];
  });
}
