import { gzipSync } from 'node:zlib';

import { afterEach, expect, it } from 'vitest';

import type { ErrorCode } from '../../../functions/runtime/errors.ts';
import { SETOSA_TENSOR, ask, expectError, post } from '../../support/http-client.ts';
import { onEveryServer } from './on-every-server.ts';

const MODEL = '/v2/models/iris';
const DEEP = 100_000;

const tensor = (change: object): object => ({ inputs: [{ ...SETOSA_TENSOR, ...change }] });
const request = (change: object): object => ({ inputs: [SETOSA_TENSOR], ...change });
/** A request whose data is text that JSON.stringify would not write. */
const withData = (data: string): string =>
  JSON.stringify(tensor({ data: 0 })).replace('"data":0', `"data":${data}`);

const BODIES: readonly (readonly [string, unknown, string])[] = [
  ['empty', '', 'empty'],
  ['not JSON', 'inputs', 'not valid JSON'],
  ['invalid UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), 'UTF-8'],
  ['a list', [SETOSA_TENSOR], 'expected object'],
  ['the typed form', { instances: [{}] }, 'inputs'],
  ['without inputs', {}, 'inputs'],
  ['without any input', { inputs: [] }, 'inputs'],
  ['with null for an input', { inputs: [null] }, 'inputs.0'],
  ['with an unknown key', request({ model: 'iris' }), 'model'],
  ['with __proto__', '{"inputs":[],"__proto__":{}}', '__proto__'],
  ['with an unknown key in an input', tensor({ size: 4 }), 'size'],
  [
    'with __proto__ in an input',
    JSON.stringify(request({})).replace('{"name"', '{"__proto__":1,"name"'),
    '__proto__',
  ],
  ['with a number as id', request({ id: 7 }), 'id'],
  ['with a very long id', request({ id: 'i'.repeat(257) }), 'id'],
  ['without a name', tensor({ name: undefined }), 'name'],
  ['without a datatype', tensor({ datatype: undefined }), 'datatype'],
  ['without a shape', tensor({ shape: undefined }), 'shape'],
  ['without data', tensor({ data: undefined }), 'data'],
  ['with data that is no list', tensor({ data: 5.1 }), 'data'],
  ['with a string of data', tensor({ data: '5.1,3.5,1.4,0.2' }), 'data'],
  ['of another datatype', tensor({ datatype: 'FP64' }), 'FP64'],
  ['of a made-up datatype', tensor({ datatype: 'FP128' }), 'datatype'],
  ['of a datatype in small letters', tensor({ datatype: 'fp32' }), 'datatype'],
  ['FP16', tensor({ datatype: 'FP16' }), 'FP16'],
  ['BF16', tensor({ datatype: 'BF16' }), 'BF16'],
  ['of another shape', tensor({ shape: [1, 3], data: [1, 2, 3] }), 'shape'],
  ['of too few axes', tensor({ shape: [4] }), 'shape'],
  ['of too many axes', tensor({ shape: [1, 4, 1] }), 'shape'],
  ['of 17 axes', tensor({ shape: Array.from({ length: 17 }, () => 1) }), 'shape'],
  ['of a negative size', tensor({ shape: [-1, 4] }), 'shape'],
  ['of half a row', tensor({ shape: [0.5, 4] }), 'shape'],
  ['of rows by name', tensor({ shape: ['batch', 4] }), 'shape'],
  ['of no rows', tensor({ shape: [0, 4], data: [] }), 'rows'],
  ['of more rows than its data', tensor({ shape: [2, 4] }), 'shape'],
  ['of fewer rows than its data', tensor({ data: [5.1, 3.5, 1.4, 0.2, 1] }), 'shape'],
  ['of a huge shape', tensor({ shape: [2 ** 31, 4] }), 'shape'],
  [
    'of a shape beyond a safe integer',
    withData('[]').replace('[1,4]', '[9007199254740993,4]'),
    'shape',
  ],
  ['of an infinite shape', withData('[]').replace('[1,4]', '[1e400,4]'), 'shape'],
  [
    'nested unevenly',
    tensor({
      shape: [2, 4],
      data: [
        [1, 2, 3, 4],
        [1, 2, 3],
      ],
    }),
    'shape',
  ],
  ['nested too deep', tensor({ data: [[[5.1], [3.5], [1.4], [0.2]]] }), 'features'],
  ['half nested', tensor({ data: [5.1, [3.5], 1.4, 0.2] }), 'element 1'],
  ['nested 100,000 deep', withData('['.repeat(DEEP) + ']'.repeat(DEEP)), 'shape'],
  [
    'with a deep parameter',
    JSON.stringify(request({ parameters: { a: 0 } })).replace(
      '"a":0',
      `"a":${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
    ),
    'parameters',
  ],
  ['with a string for a number', tensor({ data: ['5.1', 3.5, 1.4, 0.2] }), 'element 0'],
  ['with a null', tensor({ data: [5.1, null, 1.4, 0.2] }), 'element 1'],
  ['with a boolean', tensor({ data: [5.1, 3.5, true, 0.2] }), 'element 2'],
  ['with an object', tensor({ data: [5.1, 3.5, 1.4, {}] }), 'element 3'],
  ['with NaN', withData('[NaN,1,1,1]'), 'not valid JSON'],
  ['with a number too large for a double', withData('[1,1e400,1,1]'), 'element 1'],
  ['with a number too large for FP32', withData('[1,1,1e39,1]'), 'element 2'],
  ['of an unknown input', tensor({ name: 'pixels' }), 'pixels'],
  [
    'of an unknown input with a very long name',
    tensor({ name: 'x'.repeat(1_000_000) }),
    'no input',
  ],
  ['of an input named __proto__', tensor({ name: '__proto__' }), '__proto__'],
  ['of the same input twice', { inputs: [SETOSA_TENSOR, SETOSA_TENSOR] }, 'twice'],
  ['of one input too many', { inputs: [SETOSA_TENSOR, { ...SETOSA_TENSOR, name: 'x' }] }, '"x"'],
  ['for an unknown output', request({ outputs: [{ name: 'species' }] }), 'species'],
  [
    'for an unknown output with a very long name',
    request({ outputs: [{ name: 'x'.repeat(1_000_000) }] }),
    'no output',
  ],
  ['for an output twice', request({ outputs: [{ name: 'label' }, { name: 'label' }] }), 'twice'],
  ['for outputs that are no list', request({ outputs: {} }), 'outputs'],
  [
    'for a binary answer by word',
    request({ parameters: { binary_data_output: 'true' } }),
    'binary_data_output',
  ],
  [
    'for a binary output by number',
    request({ outputs: [{ name: 'label', parameters: { binary_data: 1 } }] }),
    'binary_data',
  ],
  [
    'with a binary input and no header',
    tensor({ data: undefined, parameters: { binary_data_size: 16 } }),
    'Inference-Header-Content-Length',
  ],
  [
    'with data and its binary size',
    tensor({ parameters: { binary_data_size: 16 } }),
    'both "data" and "binary_data_size"',
  ],
  ...[-1, 1.5, '16', true].map(
    (size) =>
      [
        `with a binary size of ${JSON.stringify(size)}`,
        tensor({ data: undefined, parameters: { binary_data_size: size } }),
        'binary_data_size',
      ] as const,
  ),
  ...[0, -1, 1.5, '2', true].map(
    (count) =>
      [
        `for a classification of ${JSON.stringify(count)}`,
        request({ outputs: [{ name: 'probabilities', parameters: { classification: count } }] }),
        'classification',
      ] as const,
  ),
];

const PATHS: readonly (readonly [string, string, ErrorCode])[] = [
  ['an unknown model', '/v2/models/rose/infer', 'MODEL_NOT_FOUND'],
  ['a model of another case', '/v2/models/Iris/infer', 'MODEL_NOT_FOUND'],
  ['an encoded slash', '/v2/models/iris%2Fx/infer', 'MODEL_NOT_FOUND'],
  ['__proto__ for a model', '/v2/models/__proto__/infer', 'MODEL_NOT_FOUND'],
  ['a very long model', `/v2/models/${'m'.repeat(10_000)}/infer`, 'MODEL_NOT_FOUND'],
  ['an unknown version', `${MODEL}/versions/2/infer`, 'MODEL_NOT_FOUND'],
  ['a version of another spelling', `${MODEL}/versions/01/infer`, 'MODEL_NOT_FOUND'],
  ['a version by word', `${MODEL}/versions/latest/infer`, 'MODEL_NOT_FOUND'],
  ['broken percent-encoding', '/v2/models/%E0%A4%A/infer', 'INVALID_REQUEST'],
  ['an unknown action', `${MODEL}/explain`, 'NOT_FOUND'],
  ['a slash too many', `${MODEL}//infer`, 'NOT_FOUND'],
  ['another part of the repository', '/v2/repository/models', 'NOT_FOUND'],
  ['loading a model', '/v2/repository/models/iris/load', 'FORBIDDEN'],
  ['unloading a model', '/v2/repository/models/iris/unload', 'FORBIDDEN'],
  ['loading another model', '/v2/repository/models/rose/load', 'FORBIDDEN'],
];

onEveryServer('bad inference', { vias: ['main', 'framework'] }, (server) => {
  const infer = (body: unknown, headers = {}): ReturnType<typeof ask> =>
    post(`${server().url}${MODEL}/infer`, body, headers);

  afterEach(async () => {
    expect(server().isRunning()).toBe(true);
    expect((await infer({ inputs: [SETOSA_TENSOR] })).status).toBe(200);
  });

  it.each(BODIES)('refuses a request %s', async (_what, body, named) => {
    const answer = await infer(body);

    const { message, details = [] } = expectError(answer, 'INVALID_REQUEST', 'protocol');
    expect(message + JSON.stringify(details)).toContain(named);
    expect(answer.text.length).toBeLessThan(1000);
  });

  it('lists 20 faults and no more', async () => {
    const answer = await infer({ inputs: Array.from({ length: 50 }, () => 1) });

    expect(expectError(answer, 'INVALID_REQUEST', 'protocol').details).toHaveLength(20);
  });

  it.each([
    ['another content type', { 'content-type': 'text/plain' }],
    ['another charset', { 'content-type': 'application/json; charset=utf-16' }],
  ])('refuses %s', async (_what, headers) => {
    expectError(await infer(request({}), headers), 'UNSUPPORTED_MEDIA_TYPE', 'protocol');
  });

  it('refuses a gzipped body, also without a content type', async () => {
    const answer = await ask(`${server().url}${MODEL}/infer`, {
      method: 'POST',
      body: gzipSync(JSON.stringify(request({}))),
      headers: { 'content-encoding': 'gzip' },
    });

    expectError(answer, 'UNSUPPORTED_MEDIA_TYPE', 'protocol');
  });

  it('refuses 10 MB and a byte', async () => {
    expectError(await infer(Buffer.alloc(10_485_761, ' ')), 'PAYLOAD_TOO_LARGE', 'protocol');
  });

  it.each(PATHS)('refuses %s', async (_what, path, code) => {
    const answer = await post(server().url + path, request({}));

    expectError(answer, code, 'protocol');
    expect(answer.text.length).toBeLessThan(500);
  });

  it.each([
    ['GET', `${MODEL}/infer`, 'POST, OPTIONS'],
    ['POST', MODEL, 'GET, HEAD, OPTIONS'],
    ['DELETE', MODEL, 'GET, HEAD, OPTIONS'],
    ['POST', '/v2/health/ready', 'GET, HEAD, OPTIONS'],
  ])('refuses %s %s and says what is allowed', async (method, path, allow) => {
    const answer = await ask(server().url + path, { method });

    expectError(answer, 'METHOD_NOT_ALLOWED', 'protocol');
    expect(answer.headers.get('allow')).toBe(allow);
  });
});
