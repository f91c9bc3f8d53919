import type { AnyModelDefinition } from '../../../define-model.ts';
import type { AnyEndpoint } from '../../../endpoint.ts';
import { InvalidRequestError } from '../../../runtime/errors.ts';
import { mediaTypeName } from '../../http/media-type.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { isJsonObject, parseJson } from '../../../inputs/parse-json.ts';
import { validateAll } from '../../../inputs/validate.ts';
import { readOptions } from './read-options.ts';

/** What a body is made of; a model, or one endpoint of it. */
export type RequestShape = Pick<AnyModelDefinition | AnyEndpoint, 'request' | 'options' | 'forms'>;

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
  if (isForm(shape, headers)) {
    const { instance, options } = await readInstance(shape, { headers, query }, body);
    return { instances: [instance], isList: false, options };
  }
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

/**
 * The one instance of a body, JSON or a form.
 * @throws {InvalidRequestError} With every fault (the first 20).
 */
export async function readInstance(
  shape: RequestShape,
  { headers, query }: Pick<RequestContext, 'headers' | 'query'>,
  body: Buffer,
): Promise<{ readonly instance: unknown; readonly options: Record<string, unknown> }> {
  const { forms = [] } = shape;
  const type = headers['content-type'];
  let value: unknown;
  let fields: readonly (readonly [string, string])[] = [];
  if (isForm(shape, headers) && type !== undefined) {
    // Functions that read no forms do not load this.
    const { readForm } = await import('./read-form.ts');
    const names = Object.keys(shape.options?.shape ?? {});
    ({ instance: value, options: fields } = readForm(forms, type, body, names));
  } else {
    value = parseJson(body);
  }
  const options = readOptions(shape.options, query, fields);
  const checked: unknown[] = validateAll(shape.request, [value], 'The instance');
  return { instance: checked[0], options };
}

/** Whether a body that the route accepts is something else than JSON. */
function isForm({ forms }: RequestShape, headers: RequestContext['headers']): boolean {
  const type = headers['content-type'];
  return forms !== undefined && type !== undefined && mediaTypeName(type) !== 'application/json';
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
