import { TYPED_ARRAYS } from '../../../functions/runtime/tensor.ts';
import type {
  Datatype,
  TensorData,
  TensorMap,
  TensorSpec,
} from '../../../functions/runtime/tensor.ts';
import type { ModelManifest } from '../package-schema.ts';

/** What a function and its worker process say to each other; tensors go beside it. */
export type Message =
  /** Open the graph that is the only tensor, `model`. */
  | { readonly say: 'open'; readonly uri: string; readonly session: ModelManifest['session'] }
  | {
      readonly say: 'opened';
      readonly inputs: readonly TensorSpec[];
      readonly outputs: readonly TensorSpec[];
    }
  /** Run with these tensors; without `outputs`, compute all. */
  | { readonly say: 'run'; readonly outputs?: readonly string[] }
  /** The tensors that a run gave. */
  | { readonly say: 'done' }
  /** What was asked for failed, the process lives on. */
  | { readonly say: 'failed'; readonly message: string };

/** A message with its tensors. */
export interface Frame {
  readonly message: Message;
  readonly tensors: TensorMap;
}

interface Head {
  readonly message: Message;
  readonly tensors: readonly {
    readonly name: string;
    readonly datatype: Datatype;
    readonly shape: readonly number[];
    readonly bytes: number;
  }[];
}

const LENGTH_BYTES = 4;

/**
 * A frame as bytes: the length of its head (4 bytes, little endian), the head as JSON, then each tensor's
 * bytes. Numbers are not copied: the parts must be written before the tensors change.
 */
export function encodeFrame({ message, tensors }: Frame): Uint8Array[] {
  const parts = Object.entries(tensors).map(([name, { datatype, shape, data }]) => ({
    name,
    datatype,
    shape,
    data: bytesOf(data),
  }));
  const head: Head = {
    message,
    tensors: parts.map(({ data, ...rest }) => ({ ...rest, bytes: data.length })),
  };
  const text = Buffer.from(`    ${JSON.stringify(head)}`);
  text.writeUInt32LE(text.length - LENGTH_BYTES);
  return [text, ...parts.map(({ data }) => data)];
}

/**
 * Reads one frame: yields how many bytes it wants next and takes exactly those. They must begin at a multiple
 * of 8 of their memory, and belong to the frame from then on.
 */
export function* decodeFrame(): Generator<number, Frame, Buffer> {
  const length = (yield LENGTH_BYTES).readUInt32LE();
  const head = JSON.parse((yield length).toString()) as Head;
  const tensors: Record<string, TensorMap[string]> = {};
  for (const { name, datatype, shape, bytes } of head.tensors) {
    tensors[name] = { datatype, shape, data: dataOf(datatype, yield bytes) };
  }
  return { message: head.message, tensors };
}

function bytesOf(data: TensorData): Uint8Array {
  if (!ArrayBuffer.isView(data)) return Buffer.from(JSON.stringify(data));
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function dataOf(datatype: Datatype, bytes: Buffer): TensorData {
  if (datatype === 'BYTES') return JSON.parse(bytes.toString()) as string[];
  const { BYTES_PER_ELEMENT: size } = TYPED_ARRAYS[datatype];
  const { buffer, byteOffset, length } = bytes;
  return new TYPED_ARRAYS[datatype](buffer as ArrayBuffer, byteOffset, length / size);
}
