import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import { isJsonObject, parseJson } from '../../../inputs/parse-json.ts';
import { hasInexactIntegers, parseExactIntegers } from '../tensors/exact-integers.ts';
import type { Columns } from './read-columns.ts';
import { shapeOf } from './read-inputs.ts';

type Session = Pick<LoadedModel['session'], 'inputs'>;

/**
 * The instances of a body for a model that takes no rows: each is all of its inputs, with as many axes as the
 * model gives them, and so a run of its own. Undefined for any other body.
 */
export function readWholeInputs(
  { session }: { readonly session: Session },
  body: Buffer,
): readonly Columns[] | undefined {
  const instances = wholeInputs(session, parseJson(body));
  const inexact = session.inputs.filter(
    ({ name, datatype }) =>
      datatype.endsWith('INT64') && instances?.some((one) => hasInexactIntegers(one[name])),
  );
  if (instances === undefined || inexact.length === 0) return instances;
  const exact = wholeInputs(session, parseExactIntegers(body.toString('utf8')));
  return instances.map((one, index) => ({
    ...one,
    ...Object.fromEntries(inexact.map(({ name }) => [name, exact?.[index]?.[name]])),
  }));
}

function wholeInputs({ inputs }: Session, value: unknown): Columns[] | undefined {
  if (!isJsonObject(value) || Object.keys(value).join() !== 'instances') return undefined;
  const { instances } = value;
  if (!Array.isArray(instances) || instances.length === 0) return undefined;
  const [only] = inputs;
  const columns: Columns[] = [];
  for (const instance of instances as readonly unknown[]) {
    const own = isJsonObject(instance)
      ? instance
      : inputs.length === 1 && only !== undefined
        ? { [only.name]: instance }
        : undefined;
    const isWhole =
      own !== undefined &&
      Object.keys(own).length === inputs.length &&
      inputs.every(
        ({ name, shape }) => Object.hasOwn(own, name) && shapeOf(own[name]).length === shape.length,
      );
    if (!isWhole) return undefined;
    columns.push(own);
  }
  return columns;
}
