import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import type { Tensor, TensorMap } from '../../../runtime/tensor.ts';
import { checkSpec } from '../tensors/check-spec.ts';
import { readJsonTensor, requireJsonForm } from '../tensors/read-json.ts';
import type { Columns } from './read-columns.ts';

/** More axes than any tensor has. */
const MAX_AXES = 16;

/**
 * The columns as tensors of the model's datatypes, shaped as they are nested.
 * @throws {InvalidRequestError} When one is not what the model takes.
 */
export function readInputs(
  { session }: { readonly session: Pick<LoadedModel['session'], 'inputs'> },
  columns: Columns,
): TensorMap {
  const tensors: Record<string, Tensor> = {};
  for (const spec of session.inputs) {
    const { name, datatype } = spec;
    requireJsonForm(name, datatype);
    const data = columns[name];
    const shape = shapeOf(data);
    checkSpec(datatype, shape, spec);
    tensors[name] = readJsonTensor({ name, datatype, shape, data });
  }
  return tensors;
}

/** How a list is nested, by the first of each level; that the others are like it is looked at later. */
export function shapeOf(data: unknown): number[] {
  const shape: number[] = [];
  let part = data;
  while (Array.isArray(part) && shape.length <= MAX_AXES) {
    shape.push(part.length);
    part = part[0];
  }
  return shape;
}
