import * as z from 'zod';

import { defineModel } from '../../functions/define-model.ts';
import { bytes } from '../../functions/inputs/bytes.ts';
import type { FormPart } from '../../functions/input-form.ts';
import { InvalidRequestError } from '../../functions/runtime/errors.ts';
import { rowsOf, valuesOf } from './fake-model.ts';

/** Adds up bytes: a model for tests that takes them in every form, and has options. Its model doubles. */
const tallyInstance = z.strictObject({
  data: bytes('What to add up'),
  notes: z.array(z.string().min(1)).optional().describe('Given back'),
});

const tallyPrediction = z.strictObject({
  total: z.number().describe('Twice the sum of the bytes, times the factor'),
  length: z.int().describe('Bytes'),
  notes: z.array(z.string()),
});

const example = { data: 'AQID', notes: ['a', 'b'] };

const options = z.object({
  factor: z.number().min(1).max(100).default(1).describe('What to multiply by'),
  sorted: z.boolean().default(false).describe('Whether to sort the notes'),
  note: z.string().min(1).optional().describe('One more note'),
});

const forms = [
  {
    mediaTypes: ['application/octet-stream', 'image/*'],
    read: ({ body, mediaType }: { body: Buffer; mediaType: string }) => ({
      data: body,
      notes: [mediaType],
    }),
  },
  {
    multipart: {
      file: { kind: 'file', description: 'What to add up', required: true },
      text: { kind: 'text', description: 'Notes', repeats: true },
    },
    read: ({ file = [], text = [] }: Readonly<Record<string, readonly FormPart[]>>) => ({
      data: file[0]?.data,
      ...(text.length === 0 ? {} : { notes: text.map(({ data }) => String(data)) }),
    }),
  },
] as const;

type Options = z.infer<typeof options>;

function prediction(
  { data, notes = [] }: z.infer<typeof tallyInstance>,
  doubled: number,
  { factor, sorted, note }: Options,
): z.infer<typeof tallyPrediction> {
  const all = note === undefined ? notes : [...notes, note];
  return {
    total: doubled * factor,
    length: data.length,
    notes: sorted ? all.toSorted() : all,
  };
}

const sum = (data: Buffer): number => data.reduce((total, byte) => total + byte, 0);

/** One row per instance. A sum of 13 cannot be. */
export const tally = defineModel({
  name: 'tally',
  request: tallyInstance,
  response: tallyPrediction,
  example,
  options,
  forms,
  async preprocess(instances) {
    const sums = instances.map(({ data }) => sum(data));
    if (sums.includes(13)) throw new InvalidRequestError('13 is no sum');
    return Promise.resolve(rowsOf(...sums));
  },
  postprocess: async (outputs, instances, _model, chosen) =>
    instances.map((one, row) => prediction(one, valuesOf(outputs['y'])[row] ?? NaN, chosen)),
});

/** The same sums, in one run of the model per two bytes. */
export const windowed = defineModel({
  name: 'windowed',
  request: tallyInstance,
  response: tallyPrediction,
  example,
  options,
  forms,
  output: 'enveloped',
  async predict(instance, { infer, options: chosen, signal, model }) {
    if (sum(instance.data) === 13) throw new InvalidRequestError(`${model.manifest.name}: no 13`);
    let doubled = 0;
    for (let start = 0; start < instance.data.length; start += 2) {
      signal.throwIfAborted();
      const window = [...instance.data.subarray(start, start + 2)];
      const outputs = await infer(rowsOf(...window), window.length);
      doubled += valuesOf(outputs['y']).reduce((total, value) => total + value, 0);
    }
    return prediction(instance, doubled, chosen);
  },
});
