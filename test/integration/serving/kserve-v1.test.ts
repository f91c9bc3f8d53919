import { afterEach, describe, expect, it } from 'vitest';

import type { Datatype } from '../../../functions/runtime/tensor.ts';
import { loadFixture } from '../../fixtures/onnx/load-fixture.ts';
import { IDENTITIES, SCALAR, SUMS } from '../../fixtures/onnx/models.ts';
import type { FixtureModel } from '../../fixtures/onnx/models.ts';
import { SETOSA_TENSOR, ask, expectError, json, post } from '../../support/http-client.ts';
import { serveModel } from '../../support/serve-model.ts';
import type { ServedModel } from '../../support/serve-model.ts';
import { onEveryServer } from './on-every-server.ts';

const SETOSA = SETOSA_TENSOR.data;
const PREDICTED = { label: 0, probabilities: [1, 0, 0] };

onEveryServer('kserve v1', {}, (server) => {
  const predict = (body: unknown, headers = {}): ReturnType<typeof ask> =>
    post(`${server().url}/v1/models/iris:predict`, body, headers);

  it.each([
    ['/v1/models', { models: ['iris'] }],
    ['/v1/models/iris', { name: 'iris', ready: true }],
  ])('answers GET %s', async (path, expected) => {
    const answer = await ask(server().url + path);

    expect(answer.status).toBe(200);
    expect(json(answer)).toEqual(expected);
  });

  it('says that the server is alive', async () => {
    const answer = await ask(`${server().url}/`, { headers: { accept: '*/*' } });

    expect(json(answer)['status']).toBe('alive');
  });

  it.each<[string, object]>([
    ['rows', { instances: [SETOSA, SETOSA] }],
    ['rows by name', { instances: [{ features: SETOSA }, { features: SETOSA }] }],
    ['columns', { inputs: [SETOSA, SETOSA] }],
    ['columns by name', { inputs: { features: [SETOSA, SETOSA] } }],
  ])('predicts on %s', async (_what, body) => {
    const answer = await predict(body);

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(json(answer)).toEqual({ predictions: [PREDICTED, PREDICTED] });
  });

  it('takes what curl -d sends, and a body without a content type', async () => {
    const body = JSON.stringify({ instances: [SETOSA] });
    const form = await predict(body, { 'content-type': 'application/x-www-form-urlencoded' });
    const none = await ask(`${server().url}/v1/models/iris:predict`, {
      method: 'POST',
      body: Buffer.from(body),
    });

    expect([form.status, none.status]).toEqual([200, 200]);
  });

  it.each<[string, unknown, string]>([
    ['nothing', '', 'empty'],
    ['a list', [SETOSA], 'JSON object'],
    ['neither rows nor columns', {}, 'either "instances"'],
    ['both', { instances: [SETOSA], inputs: [SETOSA] }, 'either "instances"'],
    ['an unknown key', { instances: [SETOSA], model: 'iris' }, '"model" is not known'],
    ['__proto__', '{"instances":[[1,2,3,4]],"__proto__":1}', '"__proto__" is not known'],
    ['rows that are no list', { instances: { features: SETOSA } }, 'at least one instance'],
    ['no rows', { instances: [] }, 'at least one instance'],
    ['null for rows', { instances: null }, 'at least one instance'],
    ['an empty column', { inputs: [] }, 'shape'],
    ['a number for a column', { inputs: 1 }, 'shape'],
    ['a row of numbers too few', { instances: [[1, 2, 3]] }, '[1,3]'],
    ['a row without its list', { instances: SETOSA }, '[4]'],
    ['rows of different lengths', { instances: [SETOSA, [1, 2]] }, 'shape'],
    ['null for a row', { instances: [SETOSA, null] }, 'shape'],
    ['a text for a number', { instances: [['5.1', 3.5, 1.4, 0.2]] }, 'element 0'],
    ['an input that is none', { instances: [{ petals: SETOSA }] }, '"petals"'],
    ['the typed form', { instances: [{ sepal_length: 5.1 }] }, '"sepal_length"'],
    ['a row by name without its input', { instances: [{}] }, 'no "features"'],
    ['a column that is none', { inputs: { petals: [SETOSA] } }, '"petals"'],
    ['rows nested 100,000 deep', `{"instances":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, 'shape'],
  ])('refuses %s', async (_what, body, named) => {
    const { message } = expectError(await predict(body), 'INVALID_REQUEST', 'protocol');

    expect(message).toContain(named);
    expect(message.length).toBeLessThan(500);
  });

  it('refuses another content type', async () => {
    expectError(
      await predict('', { 'content-type': 'text/csv' }),
      'UNSUPPORTED_MEDIA_TYPE',
      'protocol',
    );
  });

  it('is 404 for another model', async () => {
    const body = { instances: [SETOSA] };
    const [predicted, status] = await Promise.all([
      post(`${server().url}/v1/models/rose:predict`, body),
      ask(`${server().url}/v1/models/rose`),
    ]);

    expectError(predicted, 'MODEL_NOT_FOUND', 'protocol');
    expectError(status, 'MODEL_NOT_FOUND', 'protocol');
  });

  it.each([
    ['GET', '/v1/models/iris:predict', 'POST, OPTIONS'],
    ['POST', '/v1/models/iris', 'GET, HEAD, OPTIONS'],
  ])('refuses %s %s and says what is allowed', async (method, path, allow) => {
    const answer = await ask(server().url + path, { method });

    expectError(answer, 'METHOD_NOT_ALLOWED', 'protocol');
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it('has no explanations', async () => {
    const answer = await post(`${server().url}/v1/models/iris:explain`, { instances: [SETOSA] });

    expectError(answer, 'NOT_FOUND', 'protocol');
  });
});

describe('kserve v1 with other models', () => {
  let server: ServedModel | undefined;

  afterEach(() => server?.stop());

  async function predict(fixture: FixtureModel, body: string): Promise<ReturnType<typeof ask>> {
    server = await serveModel(await loadFixture(fixture));
    return post(`${server.url}/v1/models/${fixture.name}:predict`, body);
  }

  const identity = (datatype: Datatype): FixtureModel =>
    IDENTITIES.find(({ name }) => name === `identity-${datatype.toLowerCase()}`) as FixtureModel;

  it.each([
    '{"instances":[{"a":[1,2],"b":[10]},{"b":[20],"a":[3,4]}]}',
    '{"inputs":{"a":[[1,2],[3,4]],"b":[[10],[20]]}}',
  ])('takes several inputs by name: %s', async (body) => {
    expect(json(await predict(SUMS, body))).toEqual({
      predictions: [
        { total: [11, 12], echo: [10] },
        { total: [23, 24], echo: [20] },
      ],
    });
  });

  it.each<[string, string]>([
    ['{"instances":[[1,2]]}', 'Instance 0 must be an object with a, b'],
    ['{"inputs":[[1,2]]}', '"inputs" must be an object with a, b'],
    ['{"instances":[{"a":[1,2]}]}', 'Instance 0 has no "b"'],
    ['{"inputs":{"a":[[1,2]],"b":[[1],[2]]}}', 'differ in their number of rows'],
  ])('refuses %s', async (body, named) => {
    const answer = await predict(SUMS, body);

    expect(expectError(answer, 'INVALID_REQUEST', 'protocol').message).toContain(named);
  });

  it.each<[Datatype, string]>([
    ['BOOL', '[[true,false],[false,true]]'],
    ['INT64', '[[9007199254740993,-9223372036854775808]]'],
    ['UINT64', '[[18446744073709551615],[1]]'],
    ['FP64', '[[0.1,1e+300]]'],
    ['BYTES', '[["a"],["é🚀"]]'],
  ])('gives back %s as it came: %s', async (datatype, rows) => {
    const answer = await predict(identity(datatype), `{"instances":${rows}}`);

    expect(answer.text).toBe(`{"predictions":${rows}}`);
  });

  it('has no form for FP16, and says which protocol does', async () => {
    const answer = await predict(identity('FP16'), '{"instances":[[1]]}');

    expect(expectError(answer, 'INVALID_REQUEST', 'protocol').message).toContain(
      'binary tensor data extension',
    );
  });

  it('refuses a model without rows, and says which protocol serves it', async () => {
    const answer = await predict(SCALAR, '{"inputs":1}');

    expect(expectError(answer, 'INVALID_REQUEST', 'protocol').message).toContain('version 2');
  });
});
