import type { GraphValue, OnnxModel } from './onnx-model.ts';
import { fieldsOf, packedVarints } from './protobuf.ts';
import { readValue } from './read-value.ts';

/** `TensorProto.DataLocation.EXTERNAL` */
const EXTERNAL = 1;

/** Gathers what is in a graph, in the graphs below its operators, and in the file's own functions. */
export class GraphReader {
  #name = '';
  readonly #inputs: GraphValue[] = [];
  readonly #outputs: GraphValue[] = [];
  readonly #operators = new Map<string, number>();
  readonly #weights = new Set<string>();
  readonly #externalFiles = new Set<string>();
  #parameters = 0;

  /** The file's own graph: its inputs and outputs are the model's. */
  readMain(bytes: Buffer): void {
    for (const field of fieldsOf(bytes)) {
      if (field.wire !== 2) continue;
      if (field.number === 2) this.#name = field.bytes.toString('utf8');
      else if (field.number === 11) this.#inputs.push(readValue(field.bytes));
      else if (field.number === 12) this.#outputs.push(readValue(field.bytes));
    }
    this.#readGraph(bytes, true);
  }

  /** A function that the file brings along. */
  readFunction(bytes: Buffer): void {
    for (const field of fieldsOf(bytes)) {
      if (field.number === 7 && field.wire === 2) this.#readNode(field.bytes);
    }
  }

  /** All of it. */
  facts(): Omit<OnnxModel, 'irVersion' | 'producer' | 'opsets'> {
    const byCount = [...this.#operators].toSorted(([, a], [, b]) => b - a);
    return {
      graph: this.#name,
      // Before version 4 of the format weights were inputs too, with a default.
      inputs: this.#inputs.filter(({ name }) => !this.#weights.has(name)),
      outputs: this.#outputs,
      operators: new Map(byCount),
      parameters: this.#parameters,
      externalFiles: [...this.#externalFiles],
    };
  }

  #readGraph(bytes: Buffer, isMain = false): void {
    for (const field of fieldsOf(bytes)) {
      if (field.wire !== 2) continue;
      if (field.number === 1) this.#readNode(field.bytes);
      else if (field.number === 5) {
        const { name, elements } = this.#readTensor(field.bytes);
        if (isMain) this.#weights.add(name);
        this.#parameters += elements;
      } else if (field.number === 15) this.#readSparse(field.bytes);
    }
  }

  #readNode(bytes: Buffer): void {
    let [operator, domain] = ['', ''];
    for (const field of fieldsOf(bytes)) {
      if (field.wire !== 2) continue;
      if (field.number === 4) operator = field.bytes.toString('utf8');
      else if (field.number === 7) domain = field.bytes.toString('utf8');
      else if (field.number === 5) this.#readAttribute(field.bytes);
    }
    const name = domain === '' || domain === 'ai.onnx' ? operator : `${domain}:${operator}`;
    this.#operators.set(name, (this.#operators.get(name) ?? 0) + 1);
  }

  #readAttribute(bytes: Buffer): void {
    for (const field of fieldsOf(bytes)) {
      if (field.wire !== 2) continue;
      if (field.number === 5 || field.number === 10) this.#readTensor(field.bytes);
      else if (field.number === 6 || field.number === 11) this.#readGraph(field.bytes);
      else if (field.number === 22 || field.number === 23) this.#readSparse(field.bytes);
    }
  }

  /** Only what is stored: its values, without their places. */
  #readSparse(bytes: Buffer): void {
    for (const field of fieldsOf(bytes)) {
      if (field.wire !== 2 || field.number > 2) continue;
      const { elements } = this.#readTensor(field.bytes);
      if (field.number === 1) this.#parameters += elements;
    }
  }

  #readTensor(bytes: Buffer): { readonly name: string; readonly elements: number } {
    let [name, elements, location] = ['', 1, ''];
    let isExternal = false;
    for (const field of fieldsOf(bytes)) {
      if (field.wire === 0 && field.number === 1) elements *= field.value;
      else if (field.wire === 0 && field.number === 14) isExternal = field.value === EXTERNAL;
      if (field.wire !== 2) continue;
      if (field.number === 1) for (const size of packedVarints(field.bytes)) elements *= size;
      else if (field.number === 8) name = field.bytes.toString('utf8');
      else if (field.number === 13) location ||= locationIn(field.bytes);
    }
    if (isExternal) this.#externalFiles.add(location || 'a file without a name');
    return { name, elements };
  }
}

/** The file in one entry of a tensor's `external_data`; the others say where in it. */
function locationIn(bytes: Buffer): string {
  let [key, value] = ['', ''];
  for (const field of fieldsOf(bytes)) {
    if (field.wire !== 2) continue;
    if (field.number === 1) key = field.bytes.toString('utf8');
    else if (field.number === 2) value = field.bytes.toString('utf8');
  }
  return key === 'location' ? value : '';
}
