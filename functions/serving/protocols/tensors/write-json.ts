import { InvalidRequestError } from '../../../runtime/errors.ts';
import type { Tensor } from '../../../runtime/tensor.ts';

/**
 * A tensor's elements as the text of one flat JSON list. Whole numbers of 64 bits have all their digits.
 * @throws {InvalidRequestError} For FP16 and for numbers that are not finite: JSON has neither.
 */
export function jsonData(
  name: string,
  { datatype, data }: Pick<Tensor, 'datatype' | 'data'>,
): string {
  switch (datatype) {
    case 'FP16':
      throw new InvalidRequestError(
        `Output "${name}": FP16 has no JSON form: ask for it by the binary tensor data extension`,
      );
    case 'BYTES':
      return JSON.stringify(data);
    case 'BOOL':
      return JSON.stringify(Array.from(data as Uint8Array, Boolean));
    case 'INT64':
    case 'UINT64':
      // JSON.stringify knows no big integers; their own text is JSON.
      return `[${(data as BigInt64Array).join(',')}]`;
    default:
      checkFinite(name, data as Float64Array);
      return JSON.stringify(Array.from(data as Float64Array));
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
