import { isUtf8 } from 'node:buffer';

import { InvalidRequestError } from '../../../runtime/errors.ts';
import { TYPED_ARRAYS, elementCount } from '../../../runtime/tensor.ts';
import type { Datatype, Tensor } from '../../../runtime/tensor.ts';
import { checkText } from './check-text.ts';

const LENGTH_BYTES = 4;

/** A tensor whose elements lie in the body's binary part. */
export interface BinaryTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** All of its bytes and no others; copied, so that the tensor's array is aligned and its own. */
  readonly bytes: Buffer;
}

/**
 * The tensor that raw bytes hold: little-endian, row-major, no padding; each element of BYTES after its
 * length in four bytes.
 * https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 * @throws {InvalidRequestError} When the bytes are not what datatype and shape ask for.
 */
export function readBinaryTensor({ name, datatype, shape, bytes }: BinaryTensor): Tensor {
  const count = elementCount(shape);
  if (datatype === 'BYTES') return { datatype, shape, data: readTexts(name, count, bytes) };
  const TypedArray = TYPED_ARRAYS[datatype];
  const expected = count * TypedArray.BYTES_PER_ELEMENT;
  if (bytes.length !== expected) {
    throw new InvalidRequestError(
      `Input "${name}": ${datatype} of the shape [${shape.join(',')}] takes ${expected} bytes, not ${bytes.length}`,
    );
  }
  // A typed array must start at a multiple of its element size, and a body does so only by chance.
  const data = new TypedArray(Uint8Array.from(bytes).buffer);
  const wrong = datatype === 'BOOL' ? data.findIndex((value) => Number(value) > 1) : -1;
  if (wrong !== -1) {
    throw new InvalidRequestError(
      `Input "${name}": element ${wrong} is not a boolean, which is 0 or 1`,
    );
  }
  return { datatype, shape, data };
}

function readTexts(name: string, count: number, bytes: Buffer): string[] {
  const misshapen = (): InvalidRequestError =>
    new InvalidRequestError(
      `Input "${name}": the binary data does not hold ${count} elements, each after its length in 4 bytes`,
    );
  const texts: string[] = [];
  let offset = 0;
  while (texts.length < count) {
    if (offset + LENGTH_BYTES > bytes.length) throw misshapen();
    const start = offset + LENGTH_BYTES;
    offset = start + bytes.readUInt32LE(offset);
    if (offset > bytes.length) throw misshapen();
    texts.push(readText(name, texts.length, bytes.subarray(start, offset)));
  }
  if (offset !== bytes.length) throw misshapen();
  return texts;
}

/** One element of BYTES: ONNX Runtime's strings are text. */
function readText(name: string, index: number, bytes: Buffer): string {
  const fault = (what: string): InvalidRequestError =>
    new InvalidRequestError(`Input "${name}": element ${index} is not ${what}`);
  if (!isUtf8(bytes)) throw fault('valid UTF-8, which the model’s strings are');
  const text = bytes.toString('utf8');
  checkText(text, fault);
  return text;
}
