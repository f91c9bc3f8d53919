import { afterEach, expect, it } from 'vitest';

import { binaryBody, postBinary } from '../../support/binary-tensors.ts';
import { SETOSA_TENSOR, expectError, post } from '../../support/http-client.ts';
import { onEveryServer } from './on-every-server.ts';

const PATH = '/v2/models/iris/infer';
const { data: _, ...TENSOR } = SETOSA_TENSOR;
const SETOSA_BYTES = Float32Array.from(SETOSA_TENSOR.data);
const BINARY_INPUT = { ...TENSOR, parameters: { binary_data_size: 16 } };

interface Inferred {
  readonly model_name: string;
  readonly outputs: readonly object[];
}

onEveryServer('binary tensors', {}, (server) => {
  const ask = (
    ...[json, ...tensors]: Parameters<typeof binaryBody>
  ): ReturnType<typeof postBinary<Inferred>> =>
    postBinary(server().url + PATH, binaryBody(json, ...tensors));

  it('come in, and JSON goes out', async () => {
    const { response, json } = await ask({ inputs: [BINARY_INPUT] }, SETOSA_BYTES);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('inference-header-content-length')).toBeNull();
    expect(json.outputs).toEqual([
      { name: 'label', datatype: 'INT64', shape: [1], data: [0] },
      { name: 'probabilities', datatype: 'FP32', shape: [1, 3], data: [1, 0, 0] },
    ]);
  });

  it('go out when all are asked for', async () => {
    const parameters = { binary_data_output: true };
    const { response, json, binary } = await ask(
      { id: 'ä', parameters, inputs: [BINARY_INPUT] },
      SETOSA_BYTES,
    );

    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(json).toEqual({
      model_name: 'iris',
      model_version: '1',
      id: 'ä',
      outputs: [
        { name: 'label', datatype: 'INT64', shape: [1], parameters: { binary_data_size: 8 } },
        {
          name: 'probabilities',
          datatype: 'FP32',
          shape: [1, 3],
          parameters: { binary_data_size: 12 },
        },
      ],
    });
    expect(binary).toEqual(
      Buffer.concat([
        Buffer.from(BigInt64Array.of(0n).buffer),
        Buffer.from(Float32Array.of(1, 0, 0).buffer),
      ]),
    );
  });

  it.each([
    [true, { binary_data: false }],
    [false, {}],
  ])(
    'go out beside JSON, each as it is asked for, whatever holds for all (%j)',
    async (all, first) => {
      const { json, binary } = await ask({
        inputs: [SETOSA_TENSOR],
        parameters: { binary_data_output: all },
        outputs: [
          { name: 'label', parameters: first },
          { name: 'probabilities', parameters: { binary_data: true } },
        ],
      });

      expect(json.outputs).toMatchObject([{ data: [0] }, { parameters: { binary_data_size: 12 } }]);
      expect(binary).toEqual(Buffer.from(Float32Array.of(1, 0, 0).buffer));
    },
  );

  it('come without a content type, as tritonclient sends them', async () => {
    const { body, headers } = binaryBody({ inputs: [BINARY_INPUT] }, SETOSA_BYTES);
    const { 'content-type': _type, ...others } = headers;
    const answer = await fetch(server().url + PATH, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: others,
    });

    expect(answer.status).toBe(200);
  });

  it('come wherever in the body their bytes happen to begin', async () => {
    for (const id of ['', 'i', 'id', 'id3']) {
      const { json } = await ask({ id, inputs: [BINARY_INPUT] }, SETOSA_BYTES);

      expect(json.outputs[0]).toMatchObject({ data: [0] });
    }
  });

  it('are ranked, in both forms', async () => {
    const asked = (parameters: object): object => ({
      inputs: [SETOSA_TENSOR],
      outputs: [{ name: 'probabilities', parameters: { classification: 2, ...parameters } }],
    });
    const plain = await ask(asked({}));
    const raw = await ask(asked({ binary_data: true }));

    const output = { name: 'probabilities', datatype: 'BYTES', shape: [1, 2] };
    expect(plain.json.outputs).toEqual([{ ...output, data: ['1:0:setosa', '0:1:versicolor'] }]);
    expect(raw.json.outputs).toEqual([{ ...output, parameters: { binary_data_size: 32 } }]);
    expect(raw.binary.toString('latin1')).toBe('\n\0\0\x001:0:setosa\x0e\0\0\x000:1:versicolor');
  });
});

onEveryServer('bad binary tensors', { vias: ['main', 'framework'] }, (server) => {
  afterEach(async () => {
    expect(server().isRunning()).toBe(true);
  });

  const one = (size: unknown, change: object = {}): object => ({
    inputs: [{ ...TENSOR, parameters: { binary_data_size: size }, ...change }],
  });

  it.each<[string, object, Buffer, string]>([
    ['fewer bytes than it names', one(16), Buffer.alloc(15), '15 are there'],
    ['more bytes than it names', one(16), Buffer.alloc(17), '1 bytes more'],
    ['bytes that no input names', { inputs: [SETOSA_TENSOR] }, Buffer.alloc(4), '4 bytes more'],
    ['a size other than its shape', one(12), Buffer.alloc(12), 'takes 16 bytes, not 12'],
    ['a size beyond any body', one(2 ** 52), Buffer.alloc(16), '16 are there'],
    ['another datatype', one(32, { datatype: 'FP64' }), Buffer.alloc(32), 'is FP32, not FP64'],
    ['BF16', one(8, { datatype: 'BF16' }), Buffer.alloc(8), 'no model with BF16'],
    ['a huge shape', one(16, { shape: [2 ** 31, 4] }), Buffer.alloc(16), 'not 16'],
  ])('refuses a request with %s', async (_what, request, bytes, named) => {
    const { body, headers } = binaryBody(request, bytes);
    const answer = await post(server().url + PATH, body, headers);

    expect(expectError(answer, 'INVALID_REQUEST', 'protocol').message).toContain(named);
  });

  it.each(['-1', '1.5', '', 'ten', '0x10', '100000', '9'.repeat(30), '10, 10'])(
    'refuses a JSON part of %j bytes',
    async (length) => {
      const { body, headers } = binaryBody(one(16), SETOSA_BYTES);
      const answer = await post(server().url + PATH, body, {
        ...headers,
        'inference-header-content-length': length,
      });

      expect(expectError(answer, 'INVALID_REQUEST', 'protocol').message).toContain(
        'Inference-Header-Content-Length',
      );
    },
  );

  it('refuses a request without a JSON part by name', async () => {
    const answer = await post(server().url + PATH, Buffer.from(SETOSA_BYTES.buffer), {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': '0',
    });

    expect(expectError(answer, 'INVALID_REQUEST', 'protocol').message).toContain('raw request');
  });

  it('refuses a JSON part that ends within the JSON', async () => {
    const { body, headers } = binaryBody(one(16), SETOSA_BYTES);
    const answer = await post(server().url + PATH, body, {
      ...headers,
      'inference-header-content-length': '20',
    });

    expect(expectError(answer, 'INVALID_REQUEST', 'protocol').message).toContain('not valid JSON');
  });
});
