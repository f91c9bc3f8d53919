import { InvalidRequestError } from '../../../runtime/errors.ts';
import { TYPED_ARRAYS, elementCount } from '../../../runtime/tensor.ts';
import type { Tensor, TensorData } from '../../../runtime/tensor.ts';
import type { CutList } from './cut-json.ts';
import { hasInexactIntegers, parseExactIntegers } from './exact-integers.ts';
import { nextTurn } from './next-turn.ts';
import { misshapenData, readJsonTensor } from './read-json.ts';
import type { JsonDatatype, JsonTensor } from './read-json.ts';

/**
 * The tensor that a long list holds, parsed piece by piece: between two of them other requests get their turn.
 * @throws {InvalidRequestError} As if it were read as a whole.
 */
export async function readCutTensor(
  input: Pick<JsonTensor, 'name' | 'datatype' | 'shape'>,
  list: CutList,
): Promise<Tensor> {
  const { name, datatype, shape } = input;
  const parts: TensorData[] = [];
  let [length, rows] = [0, 0];
  let isNested: boolean | undefined;
  for (const [index, piece] of list.entries()) {
    if (index > 0) await nextTurn();
    const data = parsePiece(piece, datatype, list.length > 1);
    isNested ??= Array.isArray(data[0]);
    // A list of rows has no numbers among them, nor the other way round, and no scalar has rows.
    if (isNested !== Array.isArray(data[0]) || (isNested && shape.length === 0)) {
      throw misshapenData(name, shape);
    }
    const own = isNested ? [data.length, ...shape.slice(1)] : [data.length];
    const partOf = { offset: length, shape };
    const part = readJsonTensor({ name, datatype, shape: own, data, partOf }).data;
    parts.push(part);
    length += part.length;
    rows += data.length;
  }
  const fits = isNested === true ? rows === shape[0] : length === elementCount(shape);
  if (!fits) throw misshapenData(name, shape);
  return { datatype, shape, data: join(datatype, parts, length) };
}

function parsePiece(piece: Buffer, datatype: JsonDatatype, isOneOfMany: boolean): unknown[] {
  const text = `[${piece.toString('utf8')}]`;
  const data = parseList(text);
  // Between two commas something must be.
  if (data.length === 0 && isOneOfMany) throw notJson();
  return datatype.endsWith('INT64') && hasInexactIntegers(data)
    ? (parseExactIntegers(text) as unknown[])
    : data;
}

function parseList(text: string): unknown[] {
  try {
    return JSON.parse(text) as unknown[];
  } catch (cause) {
    throw notJson(cause);
  }
}

function notJson(cause?: unknown): InvalidRequestError {
  return new InvalidRequestError('The body is not valid JSON', { cause });
}

function join(datatype: JsonDatatype, parts: readonly TensorData[], length: number): TensorData {
  if (datatype === 'BYTES') return (parts as readonly (readonly string[])[]).flat();
  const data = new TYPED_ARRAYS[datatype](length);
  let offset = 0;
  for (const part of parts) {
    // One datatype, so one type of array; TypeScript cannot see that they match.
    (data as Float64Array).set(part as Float64Array, offset);
    offset += part.length;
  }
  return data;
}
