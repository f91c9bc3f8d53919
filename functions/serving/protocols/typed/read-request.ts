import type { AnyModelDefinition } from '../../../define-model.ts';
import { InvalidRequestError } from '../../../runtime/errors.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { isJsonObject, parseJson } from '../parse-json.ts';
import { validateAll } from '../validate.ts';
import { readOptions } from './read-options.ts';

/** What a body is made of; a model, or one endpoint of it. */
export type RequestShape = Pick<AnyModelDefinition, 'request' | 'options' | 'forms'>;

/** A typed request, checked. */
export interface TypedRequest {
  readonly instances: readonly unknown[];
  /** Whether the caller sent a list, and so gets one. */
  readonly isList: boolean;
  readonly options: Record<string, unknown>;
}

/**
 * The instances of a body: JSON with one bare instance or a list, or one instance in a form that the
 * model reads.
 * @throws {InvalidRequestError} With every fault (the first 20).
 */
export async function readRequest(
  shape: RequestShape,
  { headers, query }: Pick<RequestContext, 'headers' | 'query'>,
  body: Buffer,
): Promise<TypedRequest> {
  const contentType = headers['content-type'] ?? 'application/json';
  if (shape.forms === undefined || /^application\/json\b(?![.+-])/i.test(contentType)) {
    const options = readOptions(shape.options, query);
    const value = parseJson(body);
    const isList = isJsonObject(value) && Object.hasOwn(value, 'instances');
    const instances = validateAll(
      shape.request,
      isList ? listed(value) : [value],
      isList ? 'The list of instances' : 'The instance',
    );
    return { instances, isList, options };
  }
  // Functions that read no forms do not load this.
  const { readForm } = await import('./read-form.ts');
  const optionNames = Object.keys(shape.options?.shape ?? {});
  const { instance, options: fields } = readForm(shape.forms, contentType, body, optionNames);
  const options = readOptions(shape.options, query, fields);
  const instances = validateAll(shape.request, [instance], 'The instance');
  return { instances, isList: false, options };
}

function listed(value: Readonly<Record<string, unknown>>): unknown[] {
  const { instances, ...others } = value;
  const unknown = Object.keys(others);
  if (unknown.length > 0) {
    throw new InvalidRequestError('Beside "instances" no other key is known', {
      details: [{ path: unknown.join(', ').slice(0, 200), message: 'Unrecognized key' }],
    });
  }
  if (!Array.isArray(instances) || instances.length === 0) {
    throw new InvalidRequestError('"instances" must be a list with at least one instance', {
      details: [{ path: 'instances', message: 'Must be a list with at least one instance' }],
    });
  }
  return instances;
}
