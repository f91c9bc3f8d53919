import { join } from 'node:path';

import { expect, it } from 'vitest';
import type { TestContext } from 'vitest';

import { NO_PYTHON, pythonVenv } from '../../support/python.ts';
import { CLIENT_TIMEOUT_MS, runClient } from './support.ts';

const SAME_TWICE = ['same', 'same'];
const NUMBERS = 'bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 fp16 fp32 fp64'.split(' ');

it(
  'tritonclient works unchanged, with its defaults',
  async (context: TestContext) => {
    const python = await pythonVenv(join(import.meta.dirname, 'tritonclient-requirements.txt'));
    if (python === undefined) context.skip(NO_PYTHON);

    const found = await runClient(python, 'tritonclient_checks.py');

    const refusal = [expect.stringMatching(/^40[0-4]$/), expect.any(String)] as unknown[];
    const said = (status: string, part: string): unknown[] => [
      status,
      expect.stringContaining(part),
    ];
    expect(found).toEqual({
      facts: {
        live: true,
        ready: true,
        model_ready: true,
        version_ready: true,
        other_version_ready: false,
        other_model_ready: false,
        extensions: expect.arrayContaining(['binary_tensor_data', 'statistics']) as unknown,
        metadata: expect.objectContaining({ name: 'iris', versions: ['1'] }) as unknown,
        max_batch_size: 1024,
        index: [{ name: 'iris', version: '1', state: 'READY', reason: '' }],
        load: said('403', 'not loaded'),
        unload: said('403', 'not loaded'),
      },
      inferences: {
        id: 'mine',
        labels: [0, 2],
        probabilities: [
          [1, 0, 0],
          [0, expect.any(Number), expect.any(Number)],
        ],
        plain: [{ name: 'probabilities', datatype: 'FP32', shape: [1, 3], data: [1, 0, 0] }],
        ranked: ['1:0:setosa', '0:1:versicolor'],
        ranked_label: [0],
        async: Array.from({ length: 20 }, (_, index) => [index % 2 === 0 ? 0 : 2]),
        aio: [[0], [0]],
        unknown_model: said('404', 'rose'),
        unknown_version: said('404', 'Version "2"'),
        wrong_shape: said('400', '[1,3]'),
        wrong_datatype: said('400', 'FP64'),
      },
      // The refused ones never reached the model.
      statistics: { by_model: ['iris', '1', 25], by_version: 1, of_all: 1 },
      datatypes: {
        ...Object.fromEntries(NUMBERS.map((name) => [name, SAME_TWICE])),
        bytes: SAME_TWICE,
        scalar: ['same'],
      },
      two_inputs: Array.from({ length: 4 }, () => [
        [
          [11, 12],
          [23, 24],
        ],
        [[10], [20]],
      ]),
      refusals: {
        bf16: said('400', 'no model with BF16'),
        not_utf8: said('400', 'UTF-8'),
        fp16_as_json: refusal,
      },
    });
  },
  CLIENT_TIMEOUT_MS,
);
