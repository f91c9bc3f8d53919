import { readFile } from 'node:fs/promises';

import * as z from 'zod';

import { DATATYPES } from '../../../functions/runtime/tensor.ts';
import type { TensorMap, TensorSpec } from '../../../functions/runtime/tensor.ts';
import { toTensor } from '../../../models/loader/golden.ts';
import type { GoldenFile } from '../../../models/loader/package-schema.ts';
import { RefusedError } from './refused-error.ts';

type GoldenTensor = GoldenFile['cases'][number]['inputs'][number];

/** An input that somebody gave, and what the original framework made of it where that was given too. */
export interface Sample {
  readonly inputs: TensorMap;
  readonly expected: readonly GoldenTensor[];
}

const element = z.union([z.number(), z.string(), z.boolean()]);

const tensor = z.looseObject({
  name: z.string(),
  datatype: z.enum(DATATYPES),
  shape: z.array(z.int().nonnegative()),
  data: z.json(),
});

/** An inference request of the Open Inference Protocol; outputs with data are those of the original. */
const sampleFile = z.looseObject({
  inputs: z.array(tensor),
  outputs: z.array(z.looseObject({ name: z.string(), data: z.json().optional() })).default([]),
});

/**
 * The input in the file that `--golden` names.
 * @throws {RefusedError} When it cannot be read, or is not what the model takes.
 */
export async function readSample(
  path: string,
  {
    inputs,
    outputs,
  }: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] },
): Promise<Sample> {
  const refuse = (reasons: readonly string[], cause?: unknown): never => {
    throw new RefusedError(path, reasons, { cause });
  };
  const text = await readFile(path, 'utf8').catch((cause: Error) => refuse([cause.message], cause));
  const parsed = sampleFile.safeParse(jsonIn(text, refuse));
  if (!parsed.success) {
    return refuse(
      parsed.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`),
      parsed.error,
    );
  }
  const { data } = parsed;
  const unknown = data.inputs.find(({ name }) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined) {
    refuse([`the model has no input "${unknown.name}": it has ${namesOf(inputs)}`]);
  }
  const given = inputs.map((spec) => {
    const own = data.inputs.find(({ name }) => name === spec.name);
    if (own === undefined) return refuse([`it has no input "${spec.name}"`]);
    const fault = misfit(own, spec);
    if (fault !== undefined) return refuse([fault]);
    try {
      return [spec.name, toTensor({ ...own, data: flat(own.data) })] as const;
    } catch (cause) {
      return refuse([(cause as Error).message.replace('golden tensor', 'input')], cause);
    }
  });
  const expected = data.outputs
    .filter((output) => output.data !== undefined)
    .map((output) => {
      const own = tensor.safeParse(output);
      if (!own.success || !outputs.some(({ name }) => name === output.name)) {
        return refuse([
          `its output "${output.name}" is none of the model (${namesOf(outputs)}), or has no datatype, shape and data`,
        ]);
      }
      const { name, datatype, shape } = own.data;
      return { name, datatype, shape, data: flat(own.data.data) };
    });
  return { inputs: Object.fromEntries(given), expected };
}

function jsonIn(text: string, refuse: (reasons: string[], cause: unknown) => never): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    return refuse(
      [
        `it is not JSON: an inference request is wanted, {"inputs": [{"name", "datatype", "shape", "data"}]}`,
      ],
      cause,
    );
  }
}

function misfit(
  { name, datatype, shape }: z.infer<typeof tensor>,
  spec: TensorSpec,
): string | undefined {
  if (datatype !== spec.datatype)
    return `its input "${name}" is ${datatype}, the model's ${spec.datatype}`;
  const fits =
    shape.length === spec.shape.length &&
    spec.shape.every((size, axis) => size === -1 || size === shape[axis]);
  return fits
    ? undefined
    : `its input "${name}" has the shape [${shape.join(', ')}], the model's [${spec.shape.join(', ')}] (-1 varies)`;
}

/** Row by row, however it is nested. */
function flat(data: unknown): GoldenTensor['data'] {
  const list = Array.isArray(data) ? (data.flat(64) as unknown[]) : [data];
  return z.array(element).parse(list);
}

function namesOf(specs: readonly TensorSpec[]): string {
  return specs.map(({ name }) => `"${name}"`).join(', ');
}
