import type { IncomingMessage } from 'node:http';

import { describe, expect, it } from 'vitest';

import { InvalidRequestError } from '../../../../../../functions/runtime/errors.ts';
import type { Tensor } from '../../../../../../functions/runtime/tensor.ts';
import { readContext } from '../../../../../../functions/serving/http/request-context.ts';
import { infer } from '../../../../../../functions/serving/protocols/open-inference/infer.ts';
import { fakeModel } from '../../../../../support/fake-model.ts';
import { serviceOf } from '../../../../../support/fake-service.ts';

/** The data that a client gets for what a model gives. */
async function dataFor(output: Tensor): Promise<unknown> {
  const { outputs } = JSON.parse(await answerFor(output)) as { outputs: [{ data: unknown }] };
  return outputs[0].data;
}

/** The same, as it is on the wire. */
async function answerFor(output: Tensor): Promise<string> {
  const service = serviceOf(fakeModel({ run: async () => ({ y: output }) }));
  const context = readContext({ url: '/', headers: {}, socket: {} } as IncomingMessage);
  const input = { name: 'x', datatype: 'FP32', shape: [1, 1], data: [1] };
  const { body } = await infer(service, context, Buffer.from(JSON.stringify({ inputs: [input] })));
  return String(body);
}

describe('an output', () => {
  it.each<[Tensor, unknown]>([
    [{ datatype: 'FP32', shape: [1, 2], data: Float32Array.of(0.5, -2) }, [0.5, -2]],
    [{ datatype: 'INT64', shape: [1, 1], data: BigInt64Array.of(-3n) }, [-3]],
    [{ datatype: 'UINT64', shape: [1, 1], data: BigUint64Array.of(3n) }, [3]],
    [{ datatype: 'BOOL', shape: [1, 2], data: Uint8Array.of(1, 0) }, [true, false]],
    [{ datatype: 'BYTES', shape: [1, 2], data: ['a', 'é'] }, ['a', 'é']],
  ])('of $datatype is JSON', async (output, expected) => {
    expect(await dataFor(output)).toEqual(expected);
  });

  it.each([Number.NaN, Infinity, -Infinity])(
    'that is %s is refused: JSON has no such number',
    async (value) => {
      const output: Tensor = { datatype: 'FP32', shape: [1, 1], data: Float32Array.of(value) };

      await expect(dataFor(output)).rejects.toThrow(InvalidRequestError);
    },
  );

  it('beyond 2^53 keeps every digit', async () => {
    const data = BigInt64Array.of(2n ** 63n - 1n);

    expect(await answerFor({ datatype: 'INT64', shape: [1, 1], data })).toContain(
      '"data":[9223372036854775807]',
    );
  });

  it('of FP16 is refused by name: its bits are not its numbers', async () => {
    const output: Tensor = { datatype: 'FP16', shape: [1, 1], data: Uint16Array.of(0x3c00) };

    await expect(dataFor(output)).rejects.toThrow(/FP16 has no JSON form/);
  });
});
