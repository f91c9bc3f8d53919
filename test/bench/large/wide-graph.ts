import { seededRandom } from '../../support/seeded-random.ts';
import { bytes, whole } from './protobuf.ts';
import type { Field } from './protobuf.ts';

/** How many numbers a flower has, and how many classes there are. */
const [FEATURES, CLASSES] = [4, 3];
const FLOAT = 1;
const IR_VERSION = 8;
const OPSET = 17;

/** How large a graph is, and how long it computes. */
export interface GraphSize {
  readonly width: number;
  readonly layers: number;
  /** How often each of the layers is gone through. @default 1 */
  readonly passes?: number;
}

/**
 * An ONNX graph that takes and gives what iris does, and is as large as one wants: layers of `width` neurons
 * with random weights, the same ones every time. Field numbers are those of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 */
export function wideGraph({ width, layers, passes = 1 }: GraphSize): Buffer {
  const random = seededRandom(width);
  const sizes = [FEATURES, ...Array.from({ length: layers + 1 }, () => width), CLASSES];
  const nodes: Field[] = [];
  const weights: Field[] = [];
  let previous = 'features';
  for (const [index, rows] of sizes.slice(0, -1).entries()) {
    const columns = sizes[index + 1] ?? 0;
    const isLast = index === sizes.length - 2;
    weights.push(bytes(5, matrix(`weights_${index}`, rows, columns, random)));
    for (let pass = 0; pass < (rows === columns ? passes : 1); pass += 1) {
      nodes.push(node('MatMul', [previous, `weights_${index}`], `sums_${index}_${pass}`));
      previous = isLast ? 'probabilities' : `layer_${index}_${pass}`;
      nodes.push(node(isLast ? 'Softmax' : 'Relu', [`sums_${index}_${pass}`], previous));
    }
  }
  const graph = [
    ...nodes,
    bytes(2, 'wide'),
    ...weights,
    bytes(11, tensorInfo('features', FEATURES)),
    bytes(12, tensorInfo('probabilities', CLASSES)),
  ];
  return Buffer.concat([
    whole(1, IR_VERSION),
    bytes(7, graph),
    bytes(8, [bytes(1, ''), whole(2, OPSET)]),
  ]);
}

function node(operator: string, inputs: readonly string[], output: string): Field {
  return bytes(1, [
    ...inputs.map((input) => bytes(1, input)),
    bytes(2, output),
    bytes(4, operator),
  ]);
}

/** Scaled so that layers neither swell nor fade. */
function matrix(name: string, rows: number, columns: number, random: () => number): Field[] {
  const scale = Math.sqrt(6 / rows);
  const values = Float32Array.from({ length: rows * columns }, () => (2 * random() - 1) * scale);
  return [
    whole(1, rows),
    whole(1, columns),
    whole(2, FLOAT),
    bytes(8, name),
    bytes(9, new Uint8Array(values.buffer)),
  ];
}

function tensorInfo(name: string, columns: number): Field[] {
  const shape = [bytes(1, [bytes(2, 'batch')]), bytes(1, [whole(1, columns)])];
  return [bytes(1, name), bytes(2, [bytes(1, [whole(1, FLOAT), bytes(2, shape)])])];
}
