import { join } from 'node:path';

import { expect, it } from 'vitest';
import type { TestContext } from 'vitest';

import { NO_PYTHON, pythonVenv } from '../../support/python.ts';
import { CLIENT_TIMEOUT_MS, runClient } from './support.ts';

const LABELS = ['mine', 'iris', [0, 2]];
const bothForms = (datatype: string): unknown[] => [
  [datatype, true],
  [datatype, true],
];

it(
  'KServe’s Python client works unchanged, by both protocols',
  async (context: TestContext) => {
    const python = await pythonVenv(join(import.meta.dirname, 'kserve-requirements.txt'));
    if (python === undefined) context.skip(NO_PYTHON);

    const found = await runClient(python, 'kserve_checks.py');

    const said = (status: number, part: string): unknown[] => [
      status,
      expect.stringContaining(part),
    ];
    expect(found).toEqual({
      v1: {
        live: true,
        model_ready: true,
        labels: [0, 2],
        columns: [{ label: 0, probabilities: [1, 0, 0] }],
        both: said(400, 'either "instances"'),
        other_model: said(404, 'rose'),
      },
      v2: {
        live: true,
        ready: true,
        model_ready: true,
        other_model_ready: false,
        json: LABELS,
        binary_in: LABELS,
        binary_out: LABELS,
        binary: LABELS,
        one_output: LABELS,
        wrong_shape: said(400, '[1,3]'),
      },
      datatypes: {
        'identity-int64': bothForms('INT64'),
        'identity-uint8': bothForms('UINT8'),
        'identity-bool': bothForms('BOOL'),
        'identity-fp16': [['FP16', true]],
        'identity-fp64': bothForms('FP64'),
        'identity-bytes': bothForms('BYTES'),
        empty: [0, 3],
      },
    });
  },
  CLIENT_TIMEOUT_MS,
);
