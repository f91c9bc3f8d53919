import { InvalidRequestError } from '../../../runtime/errors.ts';
import { isJsonObject } from '../../../inputs/parse-json.ts';

/** More than any model has inputs or outputs, a tensor axes, or a request parameters. */
const MAX_ENTRIES = 64;

/**
 * Refuses lists that no request needs to be long, before the schema looks at their entries: it would note a
 * fault for each, and millions of them fill the memory.
 * @throws {InvalidRequestError} Naming the list. What has another shape is left to the schema.
 */
export function checkBounds(request: unknown): void {
  if (!isJsonObject(request)) return;
  const { inputs, outputs, parameters } = request;
  checkCount('parameters', parameters);
  checkCount('inputs', inputs);
  checkCount('outputs', outputs);
  for (const tensors of [inputs, outputs]) {
    for (const tensor of Array.isArray(tensors) ? tensors : []) {
      if (!isJsonObject(tensor)) continue;
      checkCount('shape', tensor['shape']);
      checkCount('parameters', tensor['parameters']);
    }
  }
}

function checkCount(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const count = Array.isArray(value) ? value.length : Object.keys(value).length;
  if (count > MAX_ENTRIES) {
    throw new InvalidRequestError(
      `"${name}" has ${count} entries: at most ${MAX_ENTRIES} are read`,
    );
  }
}
