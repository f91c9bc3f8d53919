import { extname } from 'node:path/posix';
import { isUtf8 } from 'node:buffer';

import type * as z from 'zod';

import { csvFields } from '../../events/jobs/records/csv-row.ts';
import { MAX_CUSTOM_ID_LENGTH } from '../../events/jobs/records/custom-id.ts';
import type { ChunkRecord } from '../../events/jobs/records/read-chunk.ts';
import type { AnyModelDefinition } from '../define-model.ts';
import type { AnyEndpoint } from '../endpoint.ts';
import type { InputForm, RawForm } from '../input-form.ts';
import { valueOfText } from '../inputs/text-value.ts';
import { InvalidRequestError, UnsupportedMediaTypeError } from '../runtime/errors.ts';

/** What a record holds. */
export interface ReadRecord {
  /** Its own `custom_id`, which is not part of the instance. */
  readonly id: string | null;
  /** Not checked against the model yet. */
  readonly instance: unknown;
  /** The one that reads such files, where the model's own requests do not. */
  readonly endpoint?: AnyEndpoint;
}

/** A record without a problem. */
export type ReadableRecord = Extract<ChunkRecord, { readonly bytes: Buffer }>;

/** How the records of a chunk are written. */
export interface RecordFormat {
  readonly format: 'jsonl' | 'csv' | 'files';
  readonly delimiter: string;
}

/**
 * The instance that a record holds: a line of JSON, a row whose fields are named by the header, or a whole
 * file, read by its suffix as the model's other forms of a request are.
 * @throws {InvalidRequestError} When it is not what the format says.
 * @throws {UnsupportedMediaTypeError} When the model reads no files with such a suffix.
 */
export function readRecord(
  definition: AnyModelDefinition,
  { format, delimiter }: RecordFormat,
  record: ReadableRecord,
): ReadRecord {
  if (format === 'files') return readFile(definition, record);
  const text = record.text ?? decoded(record.bytes);
  return format === 'jsonl' ? readLine(text) : readRow(definition, delimiter, record, text);
}

function decoded(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new InvalidRequestError('The record is not valid UTF-8');
  return bytes.toString();
}

function readLine(text: string): ReadRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidRequestError('The record is not valid JSON', { cause });
  }
  return takeId(value);
}

function readRow(
  definition: AnyModelDefinition,
  delimiter: string,
  { range: { columns } }: ChunkRecord,
  text: string,
): ReadRecord {
  let fields: string[];
  try {
    fields = csvFields(text, delimiter);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'it cannot be read';
    throw new InvalidRequestError(`The row is not valid CSV: ${message}`, { cause });
  }
  if (columns === undefined) {
    return { id: null, instance: fields.map((field) => valueOfText(field, undefined)) };
  }
  if (fields.length !== columns.length) {
    const message = `The row has ${fields.length} fields, the header ${columns.length}`;
    throw new InvalidRequestError(message);
  }
  const { shape = {} } = definition.request as { readonly shape?: Record<string, z.ZodType> };
  const hasShape = Object.keys(shape).length > 0;
  const entries = columns.flatMap((name, index) => {
    const field = fields[index] ?? '';
    // An empty field says nothing: what must be there is then missing, and not the text of no letters.
    if (field === '' && name !== 'custom_id') return [];
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (name === 'custom_id') return [[name, field] as const];
    return [[name, hasShape && schema === undefined ? field : valueOfText(field, schema)] as const];
  });
  return takeId(Object.fromEntries(entries));
}

/** As `/predict` reads a body of that type; else as the first endpoint that does. */
function readFile(
  definition: AnyModelDefinition,
  { range: { key }, bytes: body }: ReadableRecord,
): ReadRecord {
  const suffix = extname(key).toLowerCase();
  const mediaType = Object.hasOwn(MEDIA_TYPES, suffix) ? MEDIA_TYPES[suffix] : undefined;
  if (mediaType === 'application/json') return readLine(body.toString());
  const found = mediaType === undefined ? undefined : readerOf(definition, mediaType);
  if (found === undefined || mediaType === undefined) {
    throw new UnsupportedMediaTypeError(`The model does not read files that end in "${suffix}"`);
  }
  if (body.length === 0) throw new InvalidRequestError('The file is empty');
  const { form, endpoint } = found;
  const instance = form.read({ body, mediaType, parameters: {} });
  return { id: null, instance, ...(endpoint === undefined ? {} : { endpoint }) };
}

/** Whether a model takes a whole file that ends so as one record. */
export function readsFile(definition: AnyModelDefinition, suffix: string): boolean {
  const mediaType = Object.hasOwn(MEDIA_TYPES, suffix) ? MEDIA_TYPES[suffix] : undefined;
  return mediaType !== undefined && readerOf(definition, mediaType) !== undefined;
}

interface Reader {
  readonly form: RawForm;
  readonly endpoint?: AnyEndpoint;
}

function readerOf(
  { forms = [], endpoints = [] }: AnyModelDefinition,
  mediaType: string,
): Reader | undefined {
  const own = rawFormOf(forms, mediaType);
  if (own !== undefined) return { form: own };
  for (const endpoint of endpoints) {
    const form = rawFormOf(endpoint.forms ?? [], mediaType);
    if (form !== undefined) return { form, endpoint };
  }
  return undefined;
}

function rawFormOf(forms: readonly InputForm[], mediaType: string): RawForm | undefined {
  return forms.find(
    (form): form is RawForm =>
      form.multipart === undefined &&
      form.mediaTypes.some((pattern) =>
        pattern.endsWith('/*') ? mediaType.startsWith(pattern.slice(0, -1)) : pattern === mediaType,
      ),
  );
}

/** What a suffix says of a file. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.npy': 'application/x-npy',
  '.png': 'image/png',
  '.txt': 'text/plain',
  '.wav': 'audio/wav',
  '.webp': 'image/webp',
};

function takeId(value: unknown): ReadRecord {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'custom_id')) {
    return { id: null, instance: value };
  }
  const { custom_id: given, ...instance } = value as Readonly<Record<string, unknown>>;
  if (typeof given === 'string' && given !== '' && given.length <= MAX_CUSTOM_ID_LENGTH) {
    return { id: given, instance };
  }
  throw new InvalidRequestError(
    `custom_id must be a text of 1 to ${MAX_CUSTOM_ID_LENGTH} characters`,
  );
}
