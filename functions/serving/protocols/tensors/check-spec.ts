import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import { InvalidRequestError } from '../../../runtime/errors.ts';
import type { TensorMap, TensorSpec } from '../../../runtime/tensor.ts';
import { quote } from '../quote.ts';

/**
 * What the model says of the input that a caller names.
 * @throws {InvalidRequestError} When it has no such input.
 */
export function inputSpec({ session }: Pick<LoadedModel, 'session'>, name: string): TensorSpec {
  const spec = session.inputs.find((input) => input.name === name);
  if (spec !== undefined) return spec;
  const known = session.inputs.map((input) => input.name).join(', ');
  throw new InvalidRequestError(`There is no input ${quote(name)}: there is ${known}`);
}

/**
 * Holds an input's datatype and shape to what the model takes.
 * @throws {InvalidRequestError} When they differ.
 */
export function checkSpec(datatype: string, shape: readonly number[], spec: TensorSpec): void {
  if (datatype !== spec.datatype) {
    // ONNX Runtime's binding for Node takes none (1.30), so no model has an input of it.
    const hint = datatype === 'BF16' ? ': no model with BF16 is served' : '';
    throw new InvalidRequestError(
      `Input "${spec.name}" is ${spec.datatype}, not ${datatype}${hint}`,
    );
  }
  const fits =
    shape.length === spec.shape.length &&
    spec.shape.every((size, axis) => size === -1 || size === shape[axis]);
  if (!fits) {
    throw new InvalidRequestError(
      `Input "${spec.name}" has the shape [${spec.shape.join(',')}] (-1 varies), not [${shape.join(',')}]`,
    );
  }
}

/**
 * Holds the given inputs together to what the model takes, and counts them.
 * @returns Rows along the batch axis, the same for every input; 1 for a model without that axis.
 * @throws {InvalidRequestError} When an input is missing, or they have no rows or differ in them.
 */
export function countRows({ manifest, session }: LoadedModel, inputs: TensorMap): number {
  const missing = session.inputs.find(({ name }) => !Object.hasOwn(inputs, name));
  if (missing !== undefined) throw new InvalidRequestError(`Input "${missing.name}" is missing`);
  if (manifest.batch === undefined) return 1;
  const counts = new Set(Object.values(inputs).map(({ shape }) => shape[0] ?? 0));
  const [rows = 0] = counts;
  if (counts.size > 1) throw new InvalidRequestError('The inputs differ in their number of rows');
  if (rows === 0) throw new InvalidRequestError('The inputs have no rows');
  return rows;
}
