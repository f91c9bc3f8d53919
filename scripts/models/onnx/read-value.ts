import { elementTypeName } from './onnx-model.ts';
import type { Axis, GraphValue, ValueType } from './onnx-model.ts';
import { fieldsOf } from './protobuf.ts';

/** One `ValueInfoProto`: an input or output with its type. */
export function readValue(bytes: Buffer): GraphValue {
  let name = '';
  let type: ValueType = { kind: 'other', description: 'a value without a type' };
  for (const field of fieldsOf(bytes)) {
    if (field.wire !== 2) continue;
    if (field.number === 1) name = field.bytes.toString('utf8');
    else if (field.number === 2) type = readType(field.bytes);
  }
  return { name, type };
}

function readType(bytes: Buffer): ValueType {
  for (const field of fieldsOf(bytes)) {
    if (field.wire !== 2) continue;
    if (field.number === 1) return readTensorType(field.bytes);
    const description = describeOther(field.number, field.bytes);
    if (description !== undefined) return { kind: 'other', description };
  }
  return { kind: 'other', description: 'a value without a type' };
}

function readTensorType(bytes: Buffer): ValueType {
  let element = 0;
  let shape: readonly Axis[] | undefined;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1 && field.wire === 0) element = field.value;
    else if (field.number === 2 && field.wire === 2) shape = readShape(field.bytes);
  }
  return { kind: 'tensor', element: elementTypeName(element), shape };
}

function readShape(bytes: Buffer): readonly Axis[] {
  const axes: Axis[] = [];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1 && field.wire === 2) axes.push(readAxis(field.bytes));
  }
  return axes;
}

function readAxis(bytes: Buffer): Axis {
  let axis: Axis;
  for (const field of fieldsOf(bytes)) {
    // Some exporters write -1 for an axis that varies.
    if (field.number === 1 && field.wire === 0) axis = field.value < 0 ? undefined : field.value;
    else if (field.number === 2 && field.wire === 2) axis = field.bytes.toString('utf8');
  }
  return axis === '' ? undefined : axis;
}

/** The other types of `TypeProto`, in words; undefined for a field that is no type. */
function describeOther(number: number, bytes: Buffer): string | undefined {
  switch (number) {
    case 4:
      return `a sequence of ${plural(innerType(bytes))}`;
    case 5:
      return 'a map';
    case 7:
      return 'an opaque value';
    case 8:
      return 'a sparse tensor';
    case 9:
      return `an optional value (${innerType(bytes)})`;
    default:
      return undefined;
  }
}

function innerType(bytes: Buffer): string {
  for (const field of fieldsOf(bytes)) {
    if (field.number !== 1 || field.wire !== 2) continue;
    const type = readType(field.bytes);
    return type.kind === 'tensor' ? `a tensor of ${type.element}` : type.description;
  }
  return 'a value';
}

function plural(one: string): string {
  return one === 'a map' ? 'maps' : one.startsWith('a tensor') ? 'tensors' : 'values';
}
