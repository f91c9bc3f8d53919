import { afterEach, describe, expect, it } from 'vitest';

import type { Datatype, TensorData } from '../../../functions/runtime/tensor.ts';
import { IDENTITIES, SCALAR, SCORES, SUMS } from '../../fixtures/onnx/models.ts';
import type { FixtureModel } from '../../fixtures/onnx/models.ts';
import { binaryBody, lengthPrefixed, postBinary } from '../../support/binary-tensors.ts';
import { loadFixture } from '../../fixtures/onnx/load-fixture.ts';
import { ask, expectError, json, post } from '../../support/http-client.ts';
import { serveModel } from '../../support/serve-model.ts';
import type { ServedModel } from '../../support/serve-model.ts';

interface Inferred {
  readonly outputs: readonly { readonly shape: readonly number[]; readonly data?: unknown }[];
}

let server: ServedModel | undefined;

afterEach(() => server?.stop());

/** Serves a fixture and returns the address of its inference. */
async function serve(fixture: FixtureModel): Promise<string> {
  server = await serveModel(await loadFixture(fixture));
  return `${server.url}/v2/models/${fixture.name}/infer`;
}

function identity(datatype: Datatype): Promise<string> {
  const fixture = IDENTITIES.find(({ name }) => name === `identity-${datatype.toLowerCase()}`);
  return serve(fixture as FixtureModel);
}

/** The extremes of each datatype: as JSON text where there is one, and as they lie in memory. */
const EXTREMES: readonly (readonly [Datatype, string | undefined, TensorData])[] = [
  ['BOOL', '[true,false,false,true]', Uint8Array.of(1, 0, 0, 1)],
  ['UINT8', '[0,1,254,255]', Uint8Array.of(0, 1, 254, 255)],
  ['UINT16', '[0,1,65534,65535]', Uint16Array.of(0, 1, 65_534, 65_535)],
  ['UINT32', '[0,1,4294967294,4294967295]', Uint32Array.of(0, 1, 4_294_967_294, 4_294_967_295)],
  [
    'UINT64',
    '[0,9007199254740993,18446744073709551614,18446744073709551615]',
    BigUint64Array.of(0n, 2n ** 53n + 1n, 2n ** 64n - 2n, 2n ** 64n - 1n),
  ],
  ['INT8', '[-128,-1,0,127]', Int8Array.of(-128, -1, 0, 127)],
  ['INT16', '[-32768,-1,0,32767]', Int16Array.of(-32_768, -1, 0, 32_767)],
  ['INT32', '[-2147483648,-1,0,2147483647]', Int32Array.of(-(2 ** 31), -1, 0, 2 ** 31 - 1)],
  [
    'INT64',
    '[-9223372036854775808,-9007199254740993,9007199254740993,9223372036854775807]',
    BigInt64Array.of(-(2n ** 63n), -(2n ** 53n) - 1n, 2n ** 53n + 1n, 2n ** 63n - 1n),
  ],
  // Bits: 1, the largest, a quiet NaN with a payload, -Infinity.
  ['FP16', undefined, Uint16Array.of(0x3c00, 0x7bff, 0x7e01, 0xfc00)],
  [
    'FP32',
    '[-0.5,1e-45,3.4028234663852886e+38,16777216]',
    Float32Array.of(-0.5, 1e-45, 3.4028235e38, 2 ** 24),
  ],
  [
    'FP64',
    '[0.1,5e-324,1.7976931348623157e+308,-1]',
    Float64Array.of(0.1, 5e-324, Number.MAX_VALUE, -1),
  ],
  ['BYTES', '["","é🚀","a\\"b\\\\","\\n"]', ['', 'é🚀', 'a"b\\', '\n']],
];

function bytesOf(data: TensorData): Buffer {
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : lengthPrefixed(...data);
}

describe.each(EXTREMES)('%s', (datatype, text, data) => {
  const tensor = { name: 'x', datatype, shape: [2, 2] };

  it('goes through the model in binary, bit by bit', async () => {
    const url = await identity(datatype);
    const bytes = bytesOf(data);
    const {
      response,
      json: answer,
      binary,
    } = await postBinary<Inferred>(
      url,
      binaryBody(
        {
          inputs: [{ ...tensor, parameters: { binary_data_size: bytes.length } }],
          parameters: { binary_data_output: true },
        },
        bytes,
      ),
    );

    expect(response.status).toBe(200);
    expect(answer.outputs).toEqual([
      { name: 'y', datatype, shape: [2, 2], parameters: { binary_data_size: bytes.length } },
    ]);
    expect(binary.equals(bytes)).toBe(true);
  });

  const written = text === undefined ? [] : [text];

  it.for(written)('goes through the model in JSON, digit by digit', async (numbers) => {
    const url = await identity(datatype);
    const answer = await post(
      url,
      JSON.stringify({ inputs: [{ ...tensor, data: 0 }] }).replace('"data":0', `"data":${numbers}`),
    );

    expect(answer.status).toBe(200);
    const expected =
      datatype === 'FP32' ? numbers.replace('1e-45', '1.401298464324817e-45') : numbers;
    expect(answer.text).toContain(`"data":${expected}`);
  });

  it.each([
    [0, 2],
    [2, 0],
    [0, 0],
  ])('goes through the model with no element, shaped [%d,%d]', async (rows, columns) => {
    const url = await identity(datatype);
    const shape = [rows, columns];
    const { json: raw, binary } = await postBinary<Inferred>(
      url,
      binaryBody({
        inputs: [{ ...tensor, shape, parameters: { binary_data_size: 0 } }],
        parameters: { binary_data_output: true },
      }),
    );

    expect(raw.outputs).toMatchObject([{ shape, parameters: { binary_data_size: 0 } }]);
    expect(binary).toHaveLength(0);
    if (text === undefined) return;
    const plain = await post(url, { inputs: [{ ...tensor, shape, data: [] }] });
    expect(json<Inferred>(plain).outputs).toMatchObject([{ shape, data: [] }]);
  });
});

it('FP16 has no JSON form, neither in nor out: 400 that names the binary extension', async () => {
  const url = await identity('FP16');
  const tensor = { name: 'x', datatype: 'FP16', shape: [1, 1] };
  const json16 = await post(url, { inputs: [{ ...tensor, data: [1] }] });
  const { body, headers } = binaryBody(
    { inputs: [{ ...tensor, parameters: { binary_data_size: 2 } }] },
    Uint16Array.of(0x3c00),
  );
  const out = await post(url, body, headers);

  for (const answer of [json16, out]) {
    const { message } = expectError(answer, 'INVALID_REQUEST', 'protocol');
    expect(message).toContain('FP16 has no JSON form');
    expect(message).toContain('binary tensor data extension');
  }
});

it.each(['[1]', '1'])('a scalar goes in as %s', async (data) => {
  const url = await serve(SCALAR);
  const metadata = await ask(url.replace('/infer', ''));
  const answer = await post(
    url,
    `{"inputs":[{"name":"x","datatype":"FP32","shape":[],"data":${data}}]}`,
  );

  expect(json(metadata)['inputs']).toEqual([{ name: 'x', datatype: 'FP32', shape: [] }]);
  expect(json<Inferred>(answer).outputs).toMatchObject([{ shape: [], data: [1] }]);
});

it('numbers that are not finite come back in binary, and are refused in JSON', async () => {
  const url = await identity('FP32');
  const bytes = Buffer.from(Float32Array.of(NaN, Infinity).buffer);
  const asked = (parameters: object): ReturnType<typeof binaryBody> => {
    const input = { name: 'x', datatype: 'FP32', shape: [1, 2] };
    const inputs = [{ ...input, parameters: { binary_data_size: 8 } }];
    return binaryBody({ inputs, parameters }, bytes);
  };
  const { binary } = await postBinary(url, asked({ binary_data_output: true }));
  const { response, json: refused } = await postBinary<{ error: string }>(url, asked({}));

  expect(binary.equals(bytes)).toBe(true);
  expect(response.status).toBe(400);
  expect(refused.error).toContain('binary tensor data extension');
});

it.each([
  ['in the order of the model', ['a', 'b']],
  ['in another order', ['b', 'a']],
])('binary tensors lie in the order of the inputs, here %s', async (_what, order) => {
  const url = await serve(SUMS);
  const tensors: Record<string, [object, ArrayBufferView]> = {
    a: [
      { name: 'a', datatype: 'FP32', shape: [2, 2], parameters: { binary_data_size: 16 } },
      Float32Array.of(1, 2, 3, 4),
    ],
    b: [
      { name: 'b', datatype: 'INT64', shape: [2, 1], parameters: { binary_data_size: 16 } },
      BigInt64Array.of(10n, 20n),
    ],
  };
  const parts = order.map((name) => tensors[name] as [object, ArrayBufferView]);
  const { json: answer } = await postBinary<Inferred>(
    url,
    binaryBody({ inputs: parts.map(([input]) => input) }, ...parts.map(([, data]) => data)),
  );

  expect(answer.outputs).toMatchObject([
    { name: 'total', data: [11, 12, 23, 24] },
    { name: 'echo', data: [10, 20] },
  ]);
});

it('JSON and binary inputs may be mixed, wherever the binary one stands', async () => {
  const url = await serve(SUMS);
  const a = { name: 'a', datatype: 'FP32', shape: [1, 2], data: [[1, 2]] };
  const b = { name: 'b', datatype: 'INT64', shape: [1, 1], parameters: { binary_data_size: 8 } };
  for (const inputs of [
    [a, b],
    [b, a],
  ]) {
    const { json: answer } = await postBinary<Inferred>(
      url,
      binaryBody({ inputs }, BigInt64Array.of(5n)),
    );

    expect(answer.outputs).toMatchObject([{ data: [6, 7] }, { data: [5] }]);
  }
});

it('one input of two is too few', async () => {
  const url = await serve(SUMS);
  const b = { name: 'b', datatype: 'INT64', shape: [1, 1], data: [5] };

  const { message } = expectError(await post(url, { inputs: [b] }), 'INVALID_REQUEST', 'protocol');
  expect(message).toBe('Input "a" is missing');
});

it('the highest scores of each row come with their labels', async () => {
  const url = await serve(SCORES);
  const answer = await post(url, {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 3], data: [0.1, 0.7, 0.2, 5, -1, 5] }],
    outputs: [{ name: 'y', parameters: { classification: 5 } }],
  });

  expect(json<Inferred>(answer).outputs).toEqual([
    {
      name: 'y',
      datatype: 'BYTES',
      shape: [2, 3],
      data: ['0.7:1:middle', '0.2:2:high', '0.1:0:low', '5:0:low', '5:2:high', '-1:1:middle'],
    },
  ]);
});
