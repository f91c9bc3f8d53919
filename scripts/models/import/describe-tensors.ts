import type { TensorSpec } from '../../../functions/runtime/tensor.ts';
import type { ModelManifest } from '../../../models/loader/package-schema.ts';
import type { Axis, GraphValue } from '../onnx/onnx-model.ts';

/** The inputs or outputs of a manifest. */
type Described = ModelManifest['inputs'];

/** Gives axes the names that a manifest can hold; the same name in the file is the same name here. */
export interface AxisNames {
  nameOf(axis: Axis): string;
}

/** Names for one model; `batch` is given to none, it is the batch axis. */
export function axisNames(): AxisNames {
  const names = new Map<string, string>();
  const taken = new Set(['batch']);
  let unnamed = 0;
  const free = (wanted: string): string => {
    let name = wanted;
    for (let count = 2; taken.has(name); count += 1) name = `${wanted}_${count}`;
    taken.add(name);
    return name;
  };
  return {
    nameOf(axis) {
      if (typeof axis !== 'string') return free(`axis_${(unnamed += 1)}`);
      const known = names.get(axis);
      if (known !== undefined) return known;
      const plain = axis
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '_')
        .replaceAll(/^[^a-z]+|_+$/g, '');
      // `batch` is where requests are joined; an axis that only calls itself so is another.
      const name = free(plain === '' ? 'axis' : plain === 'batch' ? 'rows' : plain);
      names.set(axis, name);
      return name;
    },
  };
}

/**
 * The tensors of a graph as a manifest describes them: sizes from ONNX Runtime, names of axes from the file.
 * @param isBatched The first axis of each is where requests are joined.
 */
export function describeTensors(
  specs: readonly TensorSpec[],
  values: readonly GraphValue[],
  { names, isBatched }: { readonly names: AxisNames; readonly isBatched: boolean },
): Described {
  return specs.map(({ name, datatype, shape }) => {
    const type = values.find((value) => value.name === name)?.type;
    const axes = type?.kind === 'tensor' ? type.shape : undefined;
    return {
      name,
      datatype,
      shape: shape.map((size, index) => {
        if (size !== -1) return size;
        if (isBatched && index === 0) return 'batch';
        const axis = axes?.[index];
        return names.nameOf(typeof axis === 'number' ? undefined : axis);
      }),
    };
  });
}
