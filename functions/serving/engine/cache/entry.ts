import * as z from 'zod';

import {
  DATATYPES,
  elementCount,
  type Tensor,
  type TensorData,
  type TensorMap,
  TYPED_ARRAYS,
} from '../../../runtime/tensor.ts';
import { bytesOf, isTexts } from './cache-key.ts';

/** What is kept of an answer. */
export interface CacheEntry {
  readonly outputs: TensorMap;
  /** Rows of the run that made it. */
  readonly batchSize: number;
}

const header = z.strictObject({
  batch_size: z.int().positive(),
  tensors: z.array(
    z.strictObject({
      name: z.string(),
      datatype: z.enum(DATATYPES),
      shape: z.array(z.int().nonnegative()),
      bytes: z.int().nonnegative(),
    }),
  ),
});

/** Bytes for the length of the header, which stands first. */
const PREFIX = 4;

/** An entry as bytes: the header's length (UInt32, little endian), the header in JSON, the tensors one by one. */
export function encodeEntry({ outputs, batchSize }: CacheEntry): Buffer {
  const parts = Object.values(outputs).map(({ data }) =>
    isTexts(data) ? Buffer.from(JSON.stringify(data)) : bytesOf(data),
  );
  const tensors = Object.entries(outputs).map(([name, { datatype, shape }], index) => ({
    name,
    datatype,
    shape,
    bytes: parts[index]?.byteLength ?? 0,
  }));
  const head = Buffer.from(JSON.stringify({ batch_size: batchSize, tensors }));
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32LE(head.byteLength);
  return Buffer.concat([prefix, head, ...parts]);
}

/**
 * The entry in `bytes`, which a stranger may have written.
 * @throws {Error} When they are not an entry, whole and with nothing after it.
 */
export function decodeEntry(bytes: Buffer): CacheEntry {
  const headEnd = PREFIX + bytes.readUInt32LE(0);
  const head = header.parse(JSON.parse(bytes.toString('utf8', PREFIX, headEnd)));
  const outputs: Record<string, Tensor> = {};
  let start = headEnd;
  for (const { name, datatype, shape, bytes: length } of head.tensors) {
    const data = decodeData(datatype, bytes.subarray(start, start + length));
    if (data.length !== elementCount(shape)) throw new RangeError(`Tensor "${name}" is not whole`);
    outputs[name] = { datatype, shape, data };
    start += length;
  }
  if (start !== bytes.byteLength)
    throw new RangeError('There is more, or less, than the header says');
  return { outputs, batchSize: head.batch_size };
}

function decodeData(datatype: Tensor['datatype'], bytes: Buffer): TensorData {
  if (datatype === 'BYTES') return z.array(z.string()).parse(JSON.parse(bytes.toString('utf8')));
  // A copy of its own: views need their alignment.
  const copy = new Uint8Array(bytes).buffer;
  return new TYPED_ARRAYS[datatype](copy);
}
