import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import { InvalidRequestError } from '../../../runtime/errors.ts';
import { isJsonObject, parseJson } from '../../../inputs/parse-json.ts';
import { quote } from '../quote.ts';
import { hasInexactIntegers, parseExactIntegers } from '../tensors/exact-integers.ts';

/** Nested lists, one per input, with one element per row. */
export type Columns = Readonly<Record<string, unknown>>;

type Session = Pick<LoadedModel['session'], 'inputs'>;

/**
 * What a body gives for each of the model's inputs: `instances` lists rows, `inputs` columns. A model's only
 * input needs no name in either.
 * @throws {InvalidRequestError} When the body has neither or both, or names other inputs than the model has.
 */
export function readColumns({ session }: { readonly session: Session }, body: Buffer): Columns {
  const columns = columnsOf(session, parseJson(body));
  const inexact = session.inputs.filter(
    ({ name, datatype }) => datatype.endsWith('INT64') && hasInexactIntegers(columns[name]),
  );
  if (inexact.length === 0) return columns;
  const exact = columnsOf(session, parseExactIntegers(body.toString('utf8')));
  return { ...columns, ...Object.fromEntries(inexact.map(({ name }) => [name, exact[name]])) };
}

function columnsOf(session: Session, value: unknown): Columns {
  if (!isJsonObject(value)) throw new InvalidRequestError('The body must be a JSON object');
  const { instances, inputs, ...others } = value;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) {
    throw new InvalidRequestError(`Beside "instances" or "inputs", ${quote(unknown)} is not known`);
  }
  if ((instances === undefined) === (inputs === undefined)) {
    throw new InvalidRequestError(
      'The body must have either "instances", a list of rows, or "inputs", the columns',
    );
  }
  return inputs === undefined ? fromRows(session, instances) : named(session, inputs, '"inputs"');
}

function fromRows(session: Session, instances: unknown): Columns {
  if (!Array.isArray(instances) || instances.length === 0) {
    throw new InvalidRequestError('"instances" must be a list with at least one instance');
  }
  const columns: Record<string, unknown[]> = {};
  for (const { name } of session.inputs) columns[name] = [];
  for (const [index, instance] of instances.entries()) {
    const row = named(session, instance, `Instance ${index}`);
    for (const [name, column] of Object.entries(columns)) column.push(row[name]);
  }
  return columns;
}

/** One value per input: an object of just their names, or the only one's value by itself. */
function named({ inputs }: Session, value: unknown, what: string): Columns {
  const names = inputs.map(({ name }) => name);
  const [only] = names;
  if (!isJsonObject(value)) {
    if (only !== undefined && names.length === 1) return { [only]: value };
    throw new InvalidRequestError(`${what} must be an object with ${names.join(', ')}`);
  }
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new InvalidRequestError(
      `${what} has ${quote(unknown)}, which is no input: there is ${names.join(', ')}`,
    );
  }
  const missing = names.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) throw new InvalidRequestError(`${what} has no "${missing}"`);
  return value;
}
