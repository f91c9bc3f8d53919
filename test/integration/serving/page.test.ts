import { expect, it } from 'vitest';

import { ask, json } from '../../support/http-client.ts';
import { onEveryServer } from './on-every-server.ts';
import { rawRequest, requestText } from '../../support/raw-http.ts';

/** What Chromium sends for an address that somebody typed. */
const BROWSER =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

onEveryServer('page', {}, (server) => {
  it.each([
    ['what a browser accepts', BROWSER, 'text/html; charset=utf-8'],
    ['HTML', 'text/html', 'text/html; charset=utf-8'],
    ['any text', 'text/*', 'text/html; charset=utf-8'],
    ['HTML before JSON', 'application/json;q=0.4, text/html;q=0.5', 'text/html; charset=utf-8'],
    ['JSON before HTML', 'text/html;q=0.5, application/json', 'application/json'],
    ['both alike', 'text/html, application/json', 'application/json'],
    ['JSON', 'application/json', 'application/json'],
    ['anything, as curl does', '*/*', 'application/json'],
    ['HTML never', 'text/html;q=0, */*', 'application/json'],
    ['neither', 'image/png', 'application/json'],
  ])('answers who accepts %s', async (_what, accept, type) => {
    const answer = await ask(`${server().url}/`, { headers: { accept } });

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('vary')).toBe('accept');
    if (type === 'application/json') expect(json(answer)).toMatchObject({ status: 'alive' });
    else expect(answer.text).toMatch(/^<!doctype html>/);
  });

  it('answers who does not say what it accepts with JSON', async () => {
    const { body } = await rawRequest(server().port, requestText('GET /'));

    expect(JSON.parse(body)).toMatchObject({ status: 'alive', model: { name: 'iris' } });
  });

  it('answers HEAD with the same headers and no content', async () => {
    const get = await ask(`${server().url}/`, { headers: { accept: BROWSER } });

    const { status, headers, body } = await rawRequest(
      server().port,
      requestText('HEAD /', { Accept: BROWSER }),
      { toHead: true },
    );

    expect(status).toBe(200);
    expect(headers['content-length']).toBe(get.headers.get('content-length'));
    expect(headers['content-security-policy']).toBe(get.headers.get('content-security-policy'));
    expect(body).toBe('');
  });

  it('lets nothing in from elsewhere, and is small', async () => {
    const { headers, text } = await ask(`${server().url}/`, { headers: { accept: BROWSER } });

    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/]{43}='; style-src 'sha256-[\w+/]{43}='; img-src blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    // Names of namespaces and links in comments ask for nothing.
    const asking = text.replaceAll(/http:\/\/www\.w3\.org\/2000\/svg|\/\*\*[^]*?\*\//g, '');
    expect(asking).not.toMatch(/https?:\/\//);
    expect(text.length).toBeLessThan(70_000);
  });

  it('has what the schema says as facts', async () => {
    const { text } = await ask(`${server().url}/`, { headers: { accept: BROWSER } });

    const facts = /<script type="application\/json" id="facts">([^<]*)<\/script>/.exec(text)?.[1];

    expect(JSON.parse(facts ?? '')).toMatchObject({
      model: 'iris',
      labels: ['setosa', 'versicolor', 'virginica'],
      calls: [
        {
          path: 'predict',
          body: 'json',
          fields: [
            {
              name: 'sepal_length',
              kind: 'number',
              description: 'Length of a sepal in centimetres',
              isRequired: true,
              min: 0,
              max: 100,
            },
            { name: 'sepal_width' },
            { name: 'petal_length' },
            { name: 'petal_width' },
          ],
          sample: { sepal_length: 5.1 },
        },
        { path: 'v2/models/iris/infer', body: 'whole' },
      ],
    });
  });
});
