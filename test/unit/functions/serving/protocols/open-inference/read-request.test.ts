import { describe, expect, it } from 'vitest';

import { InvalidRequestError } from '../../../../../../functions/runtime/errors.ts';
import { DATATYPES } from '../../../../../../functions/runtime/tensor.ts';
import type { Datatype, TensorMap } from '../../../../../../functions/runtime/tensor.ts';
import { readInputs } from '../../../../../../functions/serving/protocols/open-inference/read-inputs.ts';
import { readRequest } from '../../../../../../functions/serving/protocols/open-inference/read-request.ts';
import type { LoadedModel } from '../../../../../../models/loader/loaded-model.ts';
import { fakeModel } from '../../../../../support/fake-model.ts';
import { seededRandom } from '../../../../../support/seeded-random.ts';

/** A model with an input `x` of each shape of two axes, and an input `z` of any number of texts. */
function modelOf(datatype: Datatype): LoadedModel {
  const model = fakeModel({ maxRows: null });
  const inputs = [
    { name: 'x', datatype, shape: [-1, -1] },
    { name: 'z', datatype: 'BYTES' as const, shape: [-1] },
  ];
  return { ...model, session: { ...model.session, inputs } };
}

/** The tensors of a request, its lists cut into pieces of so many bytes; or why it is refused. */
async function read(
  model: LoadedModel,
  body: string,
  pieceBytes: number,
): Promise<TensorMap | string> {
  try {
    const message = readRequest(model, { headers: {} }, Buffer.from(body), pieceBytes);
    return await readInputs(model, message);
  } catch (cause) {
    expect(cause).toBeInstanceOf(InvalidRequestError);
    return (cause as Error).message;
  }
}

const WHOLE = Infinity;
const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  BOOL: ['true', 'false', '0', '1'],
  UINT64: ['0', '18446744073709551615', '9007199254740993', '"12"', '1e3'],
  INT64: ['-9223372036854775808', '9007199254740993', '-0', '7'],
  FP32: ['0.1', '-1e-45', '3e38', '16777217', ' 1 '],
  FP64: ['0.1', '1e308', '5e-324', '123456789012345678901234567890'],
  BYTES: ['""', '"a,b"', '"[1]"', String.raw`"\"],["`, String.raw`"\\"`, '"é🚀"', '"{"'],
};
const OTHERS = ['0', '1', '7', '100'];

/** A request whose lists are flat or nested, in any order and spacing. */
function requestText(datatype: Datatype, random: () => number): string {
  const below = (bound: number): number => Math.floor(random() * bound);
  const any = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const space = (): string => any(['', '', ' ', '\n', '\t ']);
  const elements = ELEMENTS[datatype] ?? OTHERS;
  const [rows, columns] = [below(6), below(6)];
  const row = (): string =>
    Array.from({ length: columns }, () => space() + any(elements)).join(',');
  const list = Array.from({ length: rows }, row);
  const data = any([
    list.map((one) => `[${one}]${space()}`).join(','),
    list.filter(Boolean).join(','),
  ]);
  const x = [
    '"name":"x"',
    `"datatype":"${datatype}"`,
    `"shape":[${rows},${columns}]`,
    `${space()}"data"${space()}:${space()}[${data}${space()}]`,
  ].toSorted(() => random() - 0.5);
  const z = '{"name":"z","datatype":"BYTES","shape":[3],"data":["\\"data\\":[","]}",","]}';
  return `{${space()}"inputs":[${[`{${x.join(',')}}`, z].toSorted(() => random() - 0.5).join(',')}]}`;
}

describe.each(DATATYPES.filter((datatype) => datatype !== 'FP16'))('lists of %s', (datatype) => {
  const model = modelOf(datatype);

  it('are the same tensors whole and in pieces', async () => {
    const random = seededRandom(1936);
    let read200 = 0;
    for (let round = 0; round < 200; round += 1) {
      const body = requestText(datatype, random);
      const whole = await read(model, body, WHOLE);

      for (const pieceBytes of [1, 7, 30]) {
        expect(await read(model, body, pieceBytes), body).toEqual(whole);
      }
      if (typeof whole === 'object') read200 += 1;
    }
    expect(read200).toBeGreaterThan(150);
  });

  it('are refused alike when a byte of them is another', async () => {
    const random = seededRandom(1937);
    const refused = new Set<string>();
    for (let round = 0; round < 400; round += 1) {
      const body = requestText(datatype, random);
      const at = Math.floor(random() * body.length);
      const byte = '[]{},:"\\0x '[Math.floor(random() * 11)] ?? '';
      const broken = body.slice(0, at) + byte + body.slice(at + Math.round(random()));
      const whole = await read(model, broken, WHOLE);
      const cut = await read(model, broken, 3);

      if (typeof whole === 'object') expect(cut, broken).toEqual(whole);
      else {
        expect(typeof cut, broken).toBe('string');
        refused.add(whole.slice(0, 30));
      }
    }
    expect(refused.size).toBeGreaterThan(5);
  });
});

const SHAPE = '{"inputs":[{"name":"x","datatype":"INT8","shape":[2,2],';
const Z = '{"name":"z","datatype":"BYTES","shape":[0],"data":[]}]}';

it.each([
  '"data":[1,2,3,4,]}',
  '"data":[,1,2,3,4]}',
  '"data":[1,2,,3,4]}',
  '"data":[1,2,3,4}',
  '"data":[1,2,3,4]]}',
  '"data":[[1,2],[3,4]}',
  '"data":[[1,2],[3,4]]]}',
  '"data":[[1,2],3,4]}',
  '"data":[1,2,[3,4]]}',
  '"data":[1,[2,3],4]}',
  '"data":[[[1,2]],[[3,4]]]}',
  '"data":[[1,2,3,4]]}',
  '"data":[[1],[2],[3],[4]]}',
  '"data":[1,2,3,4],"parameters":{"data":[1,2,3,4]}}',
  '"data":[1,2,3,4],"parameters":{"a\\"data":[1,2,3,4]}}',
  '"parameters":{"data":[1,2,3,4]}}',
  '"data":[1,2,3,4],"data":[5,6]}',
  '"data":{"data":[1,2,3,4]}}',
])('a list that is none is refused in pieces too: %s', async (data) => {
  const body = `${SHAPE}${data},${Z}`;

  for (const pieceBytes of [1, 2, 3, 5, WHOLE]) {
    expect(typeof (await read(modelOf('INT8'), body, pieceBytes)), `${pieceBytes}`).toBe('string');
  }
});

it.each([
  '"data":[5,6],"data":[1,2,3,4]}',
  '"data":[1,2,3,4],"parameters":{"data":"[1,2,3,4]"}}',
  '"parameters":{"a\\"data\\":[1,2,3,4]":1},"data" : [ [ 1 , 2 ] , [ 3 , 4 ] ] }',
])('a list is found beside what looks like one: %s', async (data) => {
  const body = `${SHAPE}${data},${Z}`;

  for (const pieceBytes of [1, 2, 3, 5, WHOLE]) {
    expect(await read(modelOf('INT8'), body, pieceBytes)).toMatchObject({
      x: { shape: [2, 2], data: Int8Array.of(1, 2, 3, 4) },
    });
  }
});

it('rows and numbers do not mix, though their number would be right', async () => {
  const body = `${SHAPE.replace('[2,2]', '[3,1]')}"data":[[1],2,3]},${Z}`;

  expect(await read(modelOf('INT8'), body, WHOLE)).toContain('does not have the shape');
  expect(await read(modelOf('INT8'), body, 1)).toContain('does not have the shape');
});

it('a list is cut between its own elements, however deep those are', async () => {
  const model = modelOf('INT8');
  const inputs = [{ name: 'x', datatype: 'INT8' as const, shape: [-1, 2, 2] }];
  const deep = { ...model, session: { ...model.session, inputs } };
  const data = '[[[1,2],[3,4]] , [[5,6],[7,8] ],[[9,10], [11,12]]]';
  const body = `{"inputs":[{"name":"x","datatype":"INT8","shape":[3,2,2],"data":${data}}]}`;

  for (const pieceBytes of [1, 5, 16, WHOLE]) {
    expect(await read(deep, body, pieceBytes)).toEqual({
      x: {
        datatype: 'INT8',
        shape: [3, 2, 2],
        data: Int8Array.from({ length: 12 }, (_, at) => at + 1),
      },
    });
  }
});

it('a fault in a later piece is named by its place in the whole', async () => {
  const body = '{"inputs":[{"name":"x","datatype":"INT8","shape":[2,3],"data":[1,2,3,4,500,6]}]}';

  expect(await read(modelOf('INT8'), body, 2)).toContain('element 4 is not');
});

it('a list cannot be named by a client', async () => {
  const body = '{"inputs":[{"name":"x","datatype":"INT8","shape":[1,1],"data":"0"}]}';

  expect(await read(modelOf('INT8'), body, 2)).toContain('no list "data"');
});

it('other requests get their turn between two pieces', async () => {
  const data = Array.from({ length: 100 }, () => 1);
  const body = JSON.stringify({
    inputs: [{ name: 'x', datatype: 'INT8', shape: [100, 1], data }],
  });
  let turns = 0;
  const count = (): void => {
    turns += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  await read(modelOf('INT8'), body, 20);
  clearImmediate(timer);

  expect(turns).toBeGreaterThanOrEqual(5);
});
