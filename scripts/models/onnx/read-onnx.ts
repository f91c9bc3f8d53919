import { GraphReader } from './read-graph.ts';
import { fieldsOf, ProtobufError } from './protobuf.ts';
import type { OnnxModel } from './onnx-model.ts';
import { foreignFormat } from './foreign-format.ts';

/** The bytes are no ONNX file, or not all of one; the message is a sentence for people. */
export class OnnxFileError extends Error {}

/** Fields of `ModelProto`; a file with others is something else. */
const MODEL_FIELDS = [1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26];

/**
 * What an ONNX file says of itself. Weights are not looked at.
 * @throws {OnnxFileError} When it is none, or was cut off.
 */
export function readOnnx(bytes: Buffer): OnnxModel {
  if (bytes.length === 0) throw new OnnxFileError('it is empty');
  const foreign = foreignFormat(bytes);
  if (foreign !== undefined) throw new OnnxFileError(foreign);
  const seen = new Set<number>();
  try {
    return readModel(bytes, seen);
  } catch (cause) {
    if (!(cause instanceof ProtobufError)) throw cause;
    // Every ONNX file begins with a field of its own format; what was read as far as that was one.
    const isCut = cause.isCut && seen.size > 0;
    const text = isCut
      ? `it ends too early, after ${bytes.length} bytes: copy or download it again`
      : 'it is not an ONNX file';
    throw new OnnxFileError(text, { cause });
  }
}

function readModel(bytes: Buffer, seen: Set<number>): OnnxModel {
  const opsets = new Map<string, number>();
  const graph = new GraphReader();
  let [irVersion, producer, producerVersion] = [0, '', ''];
  for (const field of fieldsOf(bytes)) {
    if (!MODEL_FIELDS.includes(field.number)) {
      throw new ProtobufError(`field ${field.number} of the model`, false);
    }
    seen.add(field.number);
    if (field.wire === 0 && field.number === 1) irVersion = field.value;
    if (field.wire !== 2) continue;
    if (field.number === 2) producer = field.bytes.toString('utf8');
    else if (field.number === 3) producerVersion = field.bytes.toString('utf8');
    else if (field.number === 7) graph.readMain(field.bytes);
    else if (field.number === 8) addOpset(opsets, field.bytes);
    else if (field.number === 25) graph.readFunction(field.bytes);
  }
  if (irVersion === 0 && !seen.has(7)) throw new ProtobufError('no version', false);
  if (!seen.has(7)) throw new OnnxFileError('it has no graph: it was cut off, or never written');
  if (opsets.size === 0) {
    throw new OnnxFileError(
      'it does not say which operators it uses (opset_import): it was cut off, or never finished',
    );
  }
  return {
    irVersion,
    producer: [producer, producerVersion].filter((part) => part !== '').join(' '),
    opsets,
    ...graph.facts(),
  };
}

function addOpset(opsets: Map<string, number>, bytes: Buffer): void {
  let [domain, version] = ['', 0];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1 && field.wire === 2) domain = field.bytes.toString('utf8');
    else if (field.number === 2 && field.wire === 0) version = field.value;
  }
  // Both are names of ONNX's own operators.
  opsets.set(domain === 'ai.onnx' ? '' : domain, version);
}
