import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import { InvalidRequestError } from '../../../runtime/errors.ts';
import type { TensorSpec } from '../../../runtime/tensor.ts';
import { quote } from '../quote.ts';
import { canClassify } from './classification.ts';
import type { InferenceRequestBody } from './schema.ts';

type Parameters = NonNullable<InferenceRequestBody['parameters']>;

/** An output that a request asks for, and how. */
export interface WantedOutput {
  readonly name: string;
  readonly binary: boolean;
  /** Instead of the numbers, so many of the highest per row, as texts. */
  readonly classes?: number;
}

/**
 * The outputs that a request asks for, in its order; all of the model's when it names none. What an output
 * says of its form wins over what the request says for all.
 * @throws {InvalidRequestError} When there is no such output, or not in that form.
 */
export function wantedOutputs(
  { session }: Pick<LoadedModel, 'session'>,
  { outputs = [], parameters = {} }: InferenceRequestBody,
): WantedOutput[] {
  const binary = flag(parameters, 'binary_data_output') ?? false;
  if (outputs.length === 0) return session.outputs.map(({ name }) => ({ name, binary }));
  const wanted = outputs.map((output) => {
    const spec = session.outputs.find(({ name }) => name === output.name);
    if (spec === undefined) {
      const known = session.outputs.map(({ name }) => name).join(', ');
      throw new InvalidRequestError(`There is no output ${quote(output.name)}: there is ${known}`);
    }
    return {
      name: spec.name,
      binary: flag(output.parameters ?? {}, 'binary_data') ?? binary,
      ...classes(spec, output.parameters ?? {}),
    };
  });
  if (new Set(wanted.map(({ name }) => name)).size < wanted.length) {
    throw new InvalidRequestError('An output is asked for twice');
  }
  return wanted;
}

function flag(parameters: Parameters, name: string): boolean | undefined {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw new InvalidRequestError(`The parameter "${name}" must be true or false`);
}

function classes(spec: TensorSpec, { classification }: Parameters): { classes?: number } {
  if (classification === undefined) return {};
  if (
    typeof classification !== 'number' ||
    !Number.isSafeInteger(classification) ||
    classification < 1
  ) {
    throw new InvalidRequestError(
      'The parameter "classification" must be a whole number of classes, at least 1',
    );
  }
  if (!canClassify(spec.datatype)) {
    throw new InvalidRequestError(
      `Output "${spec.name}" is ${spec.datatype}, of which there is no classification`,
    );
  }
  return { classes: classification };
}
