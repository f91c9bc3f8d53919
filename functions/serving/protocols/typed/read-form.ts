import { isUtf8 } from 'node:buffer';

import type { FormField, FormPart, InputForm, MultipartForm } from '../../../input-form.ts';
import { InvalidRequestError } from '../../../runtime/errors.ts';
import { parseMediaType } from '../../http/media-type.ts';
import { parseMultipart } from '../../http/multipart.ts';
import { quote } from '../quote.ts';

/** What a body in a form other than JSON holds. */
export interface FormContent {
  /** Not checked yet. */
  readonly instance: unknown;
  /** Fields that are options, as text. */
  readonly options: readonly (readonly [name: string, text: string])[];
}

/**
 * One instance from a body that is not JSON.
 * @param contentType The header, which one of `forms` reads: the front door has seen to that.
 * @param optionNames Names that a multipart body may have beside the form's own.
 * @throws {InvalidRequestError} When the body is not what the form says.
 */
export function readForm(
  forms: readonly InputForm[],
  contentType: string,
  body: Buffer,
  optionNames: readonly string[],
): FormContent {
  const type = parseMediaType(contentType);
  if (body.length === 0) throw new InvalidRequestError('The body is empty');
  if (type.name === 'multipart/form-data') {
    const form = forms.find((one) => one.multipart !== undefined);
    if (form !== undefined) return readMultipart(form, parseMultipart(body, type), optionNames);
  }
  for (const form of forms) {
    if (form.multipart !== undefined || !form.mediaTypes.some((one) => covers(one, type.name)))
      continue;
    const { name: mediaType, parameters } = type;
    return { instance: form.read({ body, mediaType, parameters }), options: [] };
  }
  throw new InvalidRequestError(`No form of the request is ${quote(type.name)}`);
}

/** Whether `pattern`, which may end in `/*`, is or includes a media type. */
function covers(pattern: string, mediaType: string): boolean {
  return pattern.endsWith('/*')
    ? mediaType.startsWith(pattern.slice(0, -1))
    : pattern === mediaType;
}

function readMultipart(
  form: MultipartForm,
  parts: readonly FormPart[],
  optionNames: readonly string[],
): FormContent {
  const known = Object.keys(form.multipart);
  const byField: Record<string, FormPart[]> = Object.fromEntries(known.map((name) => [name, []]));
  const options: (readonly [string, string])[] = [];
  for (const part of parts) {
    const field = Object.hasOwn(byField, part.name) ? byField[part.name] : undefined;
    if (field !== undefined) {
      if (!isNoFile(part)) field.push(part);
    } else if (optionNames.includes(part.name)) {
      options.push([part.name, textOf(part)]);
    } else {
      throw fault(part.name, `is not known: there is ${[...known, ...optionNames].join(', ')}`);
    }
  }
  for (const [name, field] of Object.entries(form.multipart))
    check(name, field, byField[name] ?? []);
  return { instance: form.read(byField), options };
}

/** What browsers send for a file input in which nothing was chosen. */
function isNoFile({ filename, data }: FormPart): boolean {
  return filename === '' && data.length === 0;
}

function check(name: string, field: FormField, parts: readonly FormPart[]): void {
  if (field.required === true && parts.length === 0) throw fault(name, 'is missing');
  if (field.repeats !== true && parts.length > 1) throw fault(name, 'is there twice');
  if (field.kind === 'text') for (const part of parts) textOf(part);
}

function textOf({ name, data }: FormPart): string {
  if (!isUtf8(data)) throw fault(name, 'is not valid UTF-8');
  return data.toString('utf8');
}

function fault(name: string, what: string): InvalidRequestError {
  return new InvalidRequestError(`The form field ${quote(name)} ${what}`, {
    details: [{ path: name.slice(0, 200), message: `The form field ${what}` }],
  });
}
