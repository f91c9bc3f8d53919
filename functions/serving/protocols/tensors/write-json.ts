import { InvalidRequestError } from '../../../runtime/errors.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { nextTurn } from './next-turn.ts';

/** In V8 since Node 22, not yet in TypeScript's library. https://github.com/tc39/proposal-json-parse-with-source */
const { rawJSON: rawJson } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

type Elements = Pick<Tensor, 'datatype' | 'data'>;

/** So many elements are written in about 10 ms at most. */
const SLICE = 20_000;

/**
 * A tensor's elements as the text of one flat JSON list. Whole numbers of 64 bits have all their digits.
 * Between the parts of a long list other requests get their turn.
 * @throws {InvalidRequestError} For FP16 and for numbers that are not finite: JSON has neither.
 */
export async function jsonData(name: string, elements: Elements): Promise<string> {
  const { length } = elements.data;
  const texts: string[] = [];
  for (let start = 0; start < length; start += SLICE) {
    if (start > 0) await nextTurn();
    texts.push(listText(name, elements, start, Math.min(start + SLICE, length)));
  }
  return `[${texts.join(',')}]`;
}

/** Elements `start` to `end` (not included), without the brackets. */
function listText(name: string, { datatype, data }: Elements, start: number, end: number): string {
  const part = data.slice(start, end) as Tensor['data'];
  // Big integers know their own text, which takes half the time of JSON's.
  if (datatype === 'INT64' || datatype === 'UINT64') return (part as BigInt64Array).join(',');
  return JSON.stringify(jsonElements(name, { datatype, data: part }, start)).slice(1, -1);
}

/**
 * The same elements one by one, each as `JSON.stringify` writes it.
 * @param offset How many elements of the tensor come before these.
 * @throws {InvalidRequestError} As {@link jsonData} does.
 */
export function jsonElements(
  name: string,
  { datatype, data }: Elements,
  offset = 0,
): readonly unknown[] {
  switch (datatype) {
    case 'FP16':
      throw new InvalidRequestError(
        `Output "${name}": FP16 has no JSON form: ask for it by the binary tensor data extension`,
      );
    case 'BYTES':
      return data as readonly string[];
    case 'BOOL':
      return Array.from(data as Uint8Array, Boolean);
    case 'INT64':
    case 'UINT64':
      return Array.from(data as BigInt64Array, (value) => rawJson(String(value)));
    default:
      checkFinite(name, data as Float64Array, offset);
      return Array.from(data as Float64Array);
  }
}

function checkFinite(name: string, data: Float64Array, offset: number): void {
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index === -1) return;
  throw new InvalidRequestError(
    `Output "${name}": element ${offset + index} is not finite for these inputs, which JSON cannot carry: ` +
      'ask for it by the binary tensor data extension',
  );
}
