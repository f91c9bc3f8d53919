import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import { InvalidRequestError } from '../../../runtime/errors.ts';
import type { Tensor, TensorMap } from '../../../runtime/tensor.ts';
import { jsonElements } from '../tensors/write-json.ts';

/**
 * One prediction per row: the value of the model's only output, or an object with one per output.
 * @throws {InvalidRequestError} When the outputs do not come in such rows, or have no JSON form.
 */
export function predictionsOf(
  { session }: { readonly session: Pick<LoadedModel['session'], 'outputs'> },
  outputs: TensorMap,
  rows: number,
): unknown[] {
  const names = session.outputs.map(({ name }) => name);
  const columns = names.map((name) => rowsOf(name, outputs[name] as Tensor, rows));
  const [only] = columns;
  if (columns.length === 1 && only !== undefined) return only;
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(names.map((name, index) => [name, columns[index]?.[row]])),
  );
}

/**
 * All outputs of one run as one prediction.
 * @throws {InvalidRequestError} When an output has no JSON form.
 */
export function wholePrediction(
  { session }: { readonly session: Pick<LoadedModel['session'], 'outputs'> },
  outputs: TensorMap,
): unknown {
  const values = session.outputs.map(({ name }): [string, unknown] => {
    const tensor = outputs[name] as Tensor;
    return [name, nest(jsonElements(name, tensor), [1, ...tensor.shape])[0]];
  });
  const [only] = values;
  return values.length === 1 && only !== undefined ? only[1] : Object.fromEntries(values);
}

function rowsOf(name: string, tensor: Tensor, rows: number): unknown[] {
  const [length, ...shape] = tensor.shape;
  if (length !== rows) {
    throw new InvalidRequestError(
      `Output "${name}" has the shape [${tensor.shape.join(',')}], which is no list of ${rows} predictions: ` +
        'ask with the Open Inference Protocol, version 2',
    );
  }
  return nest(jsonElements(name, tensor), [rows, ...shape]);
}

/** Elements in row-major order as lists of lists. */
function nest(elements: readonly unknown[], shape: readonly number[]): unknown[] {
  let parts = [...elements];
  for (const [axis, size] of [...shape.entries()].toReversed()) {
    if (axis === 0) break;
    const count = shape.slice(0, axis).reduce((product, length) => product * length, 1);
    const inner = parts;
    parts = Array.from({ length: count }, (_, at) => inner.slice(at * size, (at + 1) * size));
  }
  return parts;
}
