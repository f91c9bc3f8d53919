import { describe, expect, it } from 'vitest';

import {
  InvalidRequestError,
  MethodNotAllowedError,
  NotFoundError,
} from '../../../../../functions/runtime/errors.ts';
import { createRouter, errorForm } from '../../../../../functions/serving/http/route.ts';
import type { Route } from '../../../../../functions/serving/http/route.ts';

const route = (method: Route['method'], path: string): Route => ({
  method,
  path,
  handle: () => ({ status: 200, body: '', contentType: 'text/plain' }),
});

const router = createRouter([
  route('GET', '/'),
  route('POST', '/'),
  route('POST', '/predict'),
  route('GET', '/openapi.json'),
  route('GET', '/v2/models/{model}'),
  route('GET', '/v2/models/{model}/versions/{version}'),
  route('POST', '/v2/models/{model}/infer'),
]);

function thrownBy(method: string, path: string): unknown {
  try {
    return router(method, path);
  } catch (error) {
    return error;
  }
}

describe('createRouter()', () => {
  it.each([
    ['GET', '/', '/', {}],
    ['HEAD', '/', '/', {}],
    ['POST', '/', '/', {}],
    ['POST', '/predict', '/predict', {}],
    ['HEAD', '/openapi.json', '/openapi.json', {}],
    ['GET', '/v2/models/iris', '/v2/models/{model}', { model: 'iris' }],
    ['GET', '/v2/models/a%2Fb%20c', '/v2/models/{model}', { model: 'a/b c' }],
    [
      'GET',
      '/v2/models/iris/versions/1',
      '/v2/models/{model}/versions/{version}',
      { model: 'iris', version: '1' },
    ],
  ])('finds %s %s', (method, path, expected, parameters) => {
    const match = router(method, path);

    expect(match.route.path).toBe(expected);
    expect(match.parameters).toEqual(parameters);
  });

  it.each([
    '/predict/',
    '/Predict',
    '/predictx',
    '/x/predict',
    '/openapixjson',
    '//',
    '',
    '/v2/models/',
  ])('finds nothing at %j', (path) => {
    expect(thrownBy('GET', path)).toBeInstanceOf(NotFoundError);
  });

  it.each([
    ['GET', '/predict', ['POST', 'OPTIONS']],
    ['HEAD', '/predict', ['POST', 'OPTIONS']],
    ['get', '/openapi.json', ['GET', 'HEAD', 'OPTIONS']],
    ['DELETE', '/', ['GET', 'HEAD', 'POST', 'OPTIONS']],
    ['POST', '/v2/models/iris', ['GET', 'HEAD', 'OPTIONS']],
  ])('names the methods that there are instead of %s %s', (method, path, allow) => {
    const error = thrownBy(method, path);

    expect(error).toBeInstanceOf(MethodNotAllowedError);
    expect((error as MethodNotAllowedError).allow).toEqual(allow);
  });

  it.each(['%', '%z', '%E0%A4%A', '%ff'])('refuses the segment %s', (segment) => {
    expect(thrownBy('GET', `/v2/models/${segment}`)).toBeInstanceOf(InvalidRequestError);
  });
});

describe('errorForm()', () => {
  it.each([
    ['/v1', 'protocol'],
    ['/v1/models/iris:predict', 'protocol'],
    ['/v2', 'protocol'],
    ['/v2/models/iris/infer', 'protocol'],
    ['/v2x', 'typed'],
    ['/v3/models', 'typed'],
    ['/predict', 'typed'],
    ['/', 'typed'],
    ['/x/v2', 'typed'],
  ])('of %s is %s', (path, form) => {
    expect(errorForm(path)).toBe(form);
  });

  it('of an event says what a broker is to do', () => {
    expect([errorForm('/', 'POST'), errorForm('/', 'GET')]).toEqual(['event', 'typed']);
  });
});
