import { elementCount } from '../../../runtime/tensor.ts';
import type { Tensor, TensorMap, TensorSpec } from '../../../runtime/tensor.ts';
import type { ModelService } from '../../service.ts';
import { wholeBody } from './describe-calls.ts';
import type { PageCall } from './page-facts.ts';

/** More numbers than that are not for a form. */
const MAX_ELEMENTS = 2000;

/**
 * A request by the Open Inference Protocol; undefined when nobody could write its tensors by hand.
 * @param sample An instance, as JSON carries it, that the function makes tensors of.
 */
export async function tensorsCall(
  service: Pick<ModelService, 'definition' | 'model'>,
  sample: unknown,
): Promise<PageCall | undefined> {
  const { manifest, session } = service.model;
  const specs = session.inputs;
  const smallest = specs.reduce((sum, { shape }) => sum + elementCount(oneEach(shape)), 0);
  // Half floats have no JSON form.
  if (smallest > MAX_ELEMENTS || specs.some(({ datatype }) => datatype === 'FP16'))
    return undefined;
  const tensors = (await tensorsOf(service, sample)) ?? {};
  const inputs = specs.map((spec) => inputText(spec, tensors[spec.name] ?? blank(spec)));
  return {
    path: `v2/models/${manifest.name}/infer`,
    description: 'Tensors, by the Open Inference Protocol',
    body: 'whole',
    contentType: 'application/json',
    fields: [wholeBody(`Inputs: ${specs.map(inWords).join('; ')}`)],
    options: [],
    sample: { body: `{\n  "inputs": [\n    ${inputs.join(',\n    ')}\n  ]\n}` },
    notes: {},
  };
}

/** What the function makes of its sample, where one becomes few tensors of its own. */
async function tensorsOf(
  { definition, model }: Pick<ModelService, 'definition' | 'model'>,
  sample: unknown,
): Promise<TensorMap | undefined> {
  if (definition.preprocess === undefined) return undefined;
  const instance = definition.request.safeParse(sample);
  if (!instance.success) return undefined;
  const options: Record<string, unknown> = definition.options?.parse({}) ?? {};
  const tensors = await definition.preprocess([instance.data], model, options);
  const elements = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
  return elements > MAX_ELEMENTS ? undefined : tensors;
}

function oneEach(shape: readonly number[]): number[] {
  return shape.map((dimension) => (dimension === -1 ? 1 : dimension));
}

function blank({ datatype, shape }: TensorSpec): Pick<Tensor, 'shape' | 'data'> {
  const length = elementCount(oneEach(shape));
  const data = datatype === 'BYTES' ? Array.from({ length }, () => '') : new Float64Array(length);
  return { shape: oneEach(shape), data };
}

function inputText(
  { name, datatype }: TensorSpec,
  { shape, data }: Pick<Tensor, 'shape' | 'data'>,
): string {
  const elements = Array.from<unknown, string>(data, (value) => {
    if (datatype === 'BOOL') return String(value === 1);
    // As people write a number whose nearest 32-bit float is meant.
    if (datatype === 'FP32') return String(Number(Number(value).toPrecision(7)));
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  });
  return (
    `{"name": ${JSON.stringify(name)}, "datatype": "${datatype}", ` +
    `"shape": [${shape.join(', ')}], "data": [${elements.join(', ')}]}`
  );
}

function inWords({ name, datatype, shape }: TensorSpec): string {
  return `${name}, ${datatype} [${shape.join(', ')}]`;
}
