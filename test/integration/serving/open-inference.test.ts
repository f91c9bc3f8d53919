import { expect, it } from 'vitest';

import { VERSION } from '../../../functions/runtime/version.ts';
import { readGolden } from '../../support/golden.ts';
import { SETOSA_TENSOR, ask, expectError, json, post } from '../../support/http-client.ts';
import { onEveryServer } from './on-every-server.ts';

const golden = readGolden();
const MODEL = '/v2/models/iris';
const EXTENSIONS = [
  'binary_tensor_data',
  'classification',
  'model_configuration',
  'model_repository',
  'statistics',
];

interface Inferred {
  readonly id: string;
  readonly outputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly data: readonly number[];
  }[];
}

onEveryServer('open inference', {}, (server) => {
  const get = (path: string): ReturnType<typeof ask> => ask(server().url + path);
  const infer = (body: unknown, headers = {}): ReturnType<typeof ask> =>
    post(`${server().url}${MODEL}/infer`, body, headers);

  it.each([
    ['/v2/health/live', { live: true }],
    ['/v2/health/ready', { ready: true }],
    ['/v2', { name: 'pilotlight', version: VERSION, extensions: EXTENSIONS }],
    ['/v2/models', { models: ['iris'] }],
    [`${MODEL}/ready`, { name: 'iris', ready: true }],
    [`${MODEL}/versions/1/ready`, { name: 'iris', ready: true }],
  ])('answers GET %s', async (path, expected) => {
    const answer = await get(path);

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(json(answer)).toEqual(expected);
  });

  it.each([MODEL, `${MODEL}/versions/1`])('describes the model at GET %s', async (path) => {
    expect(json(await get(path))).toEqual({
      name: 'iris',
      versions: ['1'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 4] }],
      outputs: [
        { name: 'label', datatype: 'INT64', shape: [-1] },
        { name: 'probabilities', datatype: 'FP32', shape: [-1, 3] },
      ],
    });
  });

  it.each([`${MODEL}/infer`, `${MODEL}/versions/1/infer`])(
    'answers what scikit-learn answers at POST %s',
    async (path) => {
      for (const { inputs, outputs } of golden.cases) {
        const answer = await post(server().url + path, { inputs });

        expect(answer.status).toBe(200);
        const body = json<Inferred>(answer);
        expect(body).toMatchObject({ model_name: 'iris', model_version: '1' });
        expect(
          body.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
        ).toEqual(outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })));
        for (const [index, { data }] of outputs.entries()) {
          const ours = body.outputs[index]?.data ?? [];
          expect(ours).toHaveLength(data.length);
          const furthest = Math.max(...ours.map((value, at) => Math.abs(value - Number(data[at]))));
          expect(furthest).toBeLessThanOrEqual(golden.tolerance.absolute);
        }
      }
    },
  );

  it('echoes the id, or makes the request id one', async () => {
    const named = await infer({ id: 'my own', inputs: [SETOSA_TENSOR] });
    const nameless = await infer({ inputs: [SETOSA_TENSOR] });

    expect(json(named)['id']).toBe('my own');
    expect(json(nameless)['id']).toBe(nameless.headers.get('x-request-id'));
  });

  it('gives the outputs that are asked for, in that order', async () => {
    const both = await infer({
      inputs: [SETOSA_TENSOR],
      outputs: [{ name: 'probabilities' }, { name: 'label', parameters: { binary_data: false } }],
    });
    const one = await infer({ inputs: [SETOSA_TENSOR], outputs: [{ name: 'label' }] });

    expect(json<Inferred>(both).outputs.map(({ name }) => name)).toEqual([
      'probabilities',
      'label',
    ]);
    expect(json<Inferred>(one).outputs).toEqual([
      { name: 'label', datatype: 'INT64', shape: [1], data: [0] },
    ]);
  });

  it('gives all outputs when the list of wanted ones is empty', async () => {
    const answer = await infer({ inputs: [SETOSA_TENSOR], outputs: [] });

    expect(json<Inferred>(answer).outputs).toHaveLength(2);
  });

  it('takes flat and nested data for the same', async () => {
    const data = [5.1, 3.5, 1.4, 0.2, 6.3, 3.3, 6, 2.5];
    const tensor = { ...SETOSA_TENSOR, shape: [2, 4] };

    const flat = await infer({ inputs: [{ ...tensor, data }] });
    const nested = await infer({
      inputs: [{ ...tensor, data: [data.slice(0, 4), data.slice(4)] }],
    });

    expect(json<Inferred>(flat).outputs[0]?.data).toEqual([0, 2]);
    expect(json<Inferred>(nested).outputs).toEqual(json<Inferred>(flat).outputs);
  });

  it('takes a request that repeats the name and version of its URL, as the kserve client sends it', async () => {
    const body = { inputs: [SETOSA_TENSOR], model_name: 'iris', model_version: null };

    expect((await post(`${server().url}/v2/models/iris/infer`, body)).status).toBe(200);
  });

  it.each([{ model_name: 'other' }, { model_name: 'iris', model_version: '2' }])(
    'refuses a request for %j',
    async (model) => {
      const body = { inputs: [SETOSA_TENSOR], ...model };
      const answer = await post(`${server().url}/v2/models/iris/infer`, body);

      expectError(answer, 'MODEL_NOT_FOUND', 'protocol');
    },
  );

  it.each([
    [1, 504],
    [10_000_000, 200],
    [0, 200],
    [-1, 400],
    [1.5, 400],
    ['1000', 400],
    [true, 400],
  ])('answers a queue timeout of %j µs with %i', async (timeout, status) => {
    const body = { inputs: [SETOSA_TENSOR], parameters: { timeout } };
    const answer = await post(`${server().url}/v2/models/iris/infer`, body);

    expect(answer.status).toBe(status);
  });

  it('takes JSON without a content type, as clients of the protocol send it', async () => {
    const answer = await ask(`${server().url}${MODEL}/infer`, {
      method: 'POST',
      body: Buffer.from(JSON.stringify({ inputs: [SETOSA_TENSOR] })),
    });

    expect(answer.status).toBe(200);
  });

  it.each(['application/octet-stream', 'application/x-www-form-urlencoded'])(
    'takes JSON that is called %s, as aiohttp and curl call it',
    async (type) => {
      const answer = await infer({ inputs: [SETOSA_TENSOR] }, { 'content-type': type });

      expect(answer.status).toBe(200);
    },
  );

  it('shows its timing', async () => {
    const answer = await infer({ inputs: [SETOSA_TENSOR] });

    const timing = answer.headers.get('server-timing');
    for (const step of ['preprocess', 'queue', 'infer', 'postprocess']) {
      expect(timing).toContain(`${step};dur=`);
    }
  });

  it('answers 504 in the form of the protocol', async () => {
    const rows = 20_000;
    const data = Array.from({ length: rows * 4 }, () => 1);

    const answer = await infer(
      { inputs: [{ ...SETOSA_TENSOR, shape: [rows, 4], data }] },
      { 'x-request-timeout-ms': '1' },
    );

    expectError(answer, 'INFERENCE_TIMEOUT', 'protocol');
  });
});
