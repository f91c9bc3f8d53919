import { InvalidRequestError } from '../../../runtime/errors.ts';
import type { Tensor } from '../../../runtime/tensor.ts';

/** In V8 since Node 22, not yet in TypeScript's library. https://github.com/tc39/proposal-json-parse-with-source */
const { rawJSON: rawJson } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

type Elements = Pick<Tensor, 'datatype' | 'data'>;

/**
 * A tensor's elements as the text of one flat JSON list. Whole numbers of 64 bits have all their digits.
 * @throws {InvalidRequestError} For FP16 and for numbers that are not finite: JSON has neither.
 */
export function jsonData(name: string, elements: Elements): string {
  const { datatype, data } = elements;
  return datatype === 'INT64' || datatype === 'UINT64'
    ? // Twice as fast as one by one.
      `[${(data as BigInt64Array).join(',')}]`
    : JSON.stringify(jsonElements(name, elements));
}

/**
 * The same elements one by one, each as `JSON.stringify` writes it.
 * @throws {InvalidRequestError} As {@link jsonData} does.
 */
export function jsonElements(name: string, { datatype, data }: Elements): readonly unknown[] {
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
      checkFinite(name, data as Float64Array);
      return Array.from(data as Float64Array);
  }
}

function checkFinite(name: string, data: Float64Array): void {
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index === -1) return;
  throw new InvalidRequestError(
    `Output "${name}": element ${index} is not finite for these inputs, which JSON cannot carry: ` +
      'ask for it by the binary tensor data extension',
  );
}
