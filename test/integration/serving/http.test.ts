import { expect, it } from 'vitest';

import { METRICS } from '../../../functions/runtime/metrics.ts';
import { VERSION } from '../../../functions/runtime/version.ts';
import { SETOSA, ask, expectError, fromRaw, json, post } from '../../support/http-client.ts';
import { openRaw, rawRequest, requestText } from '../../support/raw-http.ts';
import { onEveryServer } from './on-every-server.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const SETOSA_REQUEST = requestText('POST /predict', JSON_TYPE, JSON.stringify(SETOSA));
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

onEveryServer('http', {}, (server, via) => {
  it.each([
    ['/healthz', { live: true }],
    ['/health', { live: true }],
    ['/ready', { ready: true }],
  ])('answers the probe GET %s', async (path, expected) => {
    const answer = await ask(server().url + path);

    expect(answer.status).toBe(200);
    expect(json(answer)).toEqual(expected);
  });

  it.each(['/healthz', '/ready', '/info', '/metrics', '/openapi.json', '/v2', '/v2/models/iris'])(
    'answers HEAD %s as GET, without the body',
    async (path) => {
      const whole = await ask(server().url + path);
      const connection = await openRaw(server().port);
      await connection.send(requestText(`HEAD ${path}`));
      const head = await connection.answer({ toHead: true });
      // Bytes of a body would be read as the start of this answer.
      await connection.send(requestText('GET /healthz'));
      const next = await connection.answer();
      connection.close();

      expect(head.status).toBe(200);
      expect(head.headers['content-type']).toBe(whole.headers.get('content-type'));
      expect(Number(head.headers['content-length'])).toBeGreaterThan(0);
      expect(json(fromRaw(next))).toEqual({ live: true });
    },
  );

  it('keeps a connection open for many requests', async () => {
    const connection = await openRaw(server().port);
    for (let request = 0; request < 50; request += 1) {
      await connection.send(SETOSA_REQUEST);
      const answer = await connection.answer();
      expect(answer.status).toBe(200);
      expect(answer.headers['connection']).toBe('keep-alive');
      // Longer than the idle time of Knative's proxy, which would otherwise send into a closed socket.
      expect(answer.headers['keep-alive']).toBe('timeout=75');
    }
    connection.close();
  });

  it('answers pipelined requests in their order', async () => {
    const connection = await openRaw(server().port);
    const requests = Array.from({ length: 20 }, (_, n) =>
      n % 3 === 0
        ? requestText('GET /nowhere', { 'X-Request-Id': `r${n}` })
        : requestText('POST /predict', { ...JSON_TYPE, 'X-Request-Id': `r${n}` }, '{}'),
    );

    await connection.send(requests.join(''));
    const ids: (string | undefined)[] = [];
    for (const _ of requests) ids.push((await connection.answer()).headers['x-request-id']);
    connection.close();

    expect(ids).toEqual(requests.map((_, n) => `r${n}`));
  });

  it('says 100 Continue to a client that waits for it', async () => {
    const connection = await openRaw(server().port);
    const body = JSON.stringify(SETOSA);
    const length = { 'Content-Length': String(body.length), Expect: '100-continue' };

    await connection.send(requestText('POST /predict', { ...JSON_TYPE, ...length }));
    const go = await connection.answer();
    await connection.send(body);
    const answer = await connection.answer();
    connection.close();

    expect(go.status).toBe(100);
    expect(json(fromRaw(answer))).toMatchObject({ prediction: 'setosa' });
  });

  it('refuses at once a body that a client announces and need not send', async () => {
    const announced = { 'Content-Length': '10485761', Expect: '100-continue' };

    const answer = await rawRequest(
      server().port,
      requestText('POST /predict', { ...JSON_TYPE, ...announced }),
    );

    expectError(fromRaw(answer), 'PAYLOAD_TOO_LARGE', 'typed');
  });

  it('ignores another expectation, as RFC 9110 allows', async () => {
    const answer = await rawRequest(
      server().port,
      requestText('POST /predict', { ...JSON_TYPE, Expect: 'miracles' }, JSON.stringify(SETOSA)),
    );

    expect(answer.status).toBe(200);
  });

  it('answers HTTP/1.0', async () => {
    const answer = await rawRequest(server().port, 'GET /healthz HTTP/1.0\r\n\r\n');

    expect(json(fromRaw(answer))).toEqual({ live: true });
  });

  it.each(['abc-123', 'a'.repeat(256), 'Root=1-67891233-abcdef012345678912345678'])(
    'echoes the request id %s',
    async (id) => {
      const answer = await post(`${server().url}/predict`, SETOSA, { 'x-request-id': id });

      expect(answer.headers.get('x-request-id')).toBe(id);
      expect(json(answer)['request_id']).toBe(id);
      const line = await server().logged('request', ({ request_id }) => request_id === id);
      expect(line).toMatchObject({ route: '/predict', status: 200, method: 'POST' });
    },
  );

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['too long', 'a'.repeat(257)],
    ['of more than one word', 'a b'],
    ['not ASCII', 'caf\u00e9'],
  ])('makes a request id when it is %s', async (_what, id) => {
    const headers = id === undefined ? undefined : { 'x-request-id': id };

    const answer = await post(`${server().url}/predict`, SETOSA, headers);

    expect(answer.headers.get('x-request-id')).toMatch(UUID);
    expect(json(answer)['request_id']).toBe(answer.headers.get('x-request-id'));
  });

  it('passes a trace on, to the log too', async () => {
    const answer = await post(`${server().url}/predict`, SETOSA, { traceparent: TRACE });

    expect(answer.headers.get('traceparent')).toBe(TRACE);
    const trace = TRACE.slice(3, 35);
    await server().logged('request', ({ trace_id }) => trace_id === trace);
  });

  it.each([
    ['missing', undefined],
    ['without a trace id', TRACE.replace('4bf92f3577b34da6a3ce929d0e0e4736', '0'.repeat(32))],
    ['without a span id', TRACE.replace('00f067aa0ba902b7', '0'.repeat(16))],
    ['of an unknown version', TRACE.replace('00-', 'ff-')],
    ['in capitals', TRACE.toUpperCase()],
  ])('starts a trace when it is %s', async (_what, trace) => {
    const headers = trace === undefined ? undefined : { traceparent: trace };

    const { headers: answered } = await post(`${server().url}/predict`, SETOSA, headers);

    expect(answered.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(answered.get('traceparent')).not.toBe(trace);
  });

  it('says nothing of the software behind it', async () => {
    const { headers } = await post(`${server().url}/predict`, SETOSA);

    expect([...headers.keys()].toSorted()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'date',
      'keep-alive',
      'server-timing',
      'traceparent',
      'x-request-id',
    ]);
  });

  it.each(['/info', '/'])('describes service, model and limits at GET %s', async (path) => {
    const info = json(await ask(server().url + path));

    expect(info).toMatchObject({
      service: { name: 'pilotlight', version: VERSION, function: 'iris' },
      model: {
        name: 'iris',
        version: '1',
        digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        task: 'classification',
        labels: ['setosa', 'versicolor', 'virginica'],
      },
      limits: { max_body_bytes: 10_485_760, max_batch_rows: 1024, max_queue_rows: 4096 },
      cold_start: { phases_ms: { ready: expect.any(Number) } },
    });
    expect(info).not.toHaveProperty('packages');
  });

  it('shows every metric in the Prometheus text format', async () => {
    await post(`${server().url}/predict`, SETOSA);

    const { headers, text } = await ask(`${server().url}/metrics`);

    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const [name, { type }] of Object.entries(METRICS)) {
      expect(text).toContain(`# TYPE ${name} ${type}\n`);
      // There is no cache here.
      if (name === 'inference_cache_lookups_total') continue;
      expect(text).toMatch(new RegExp(`^${name}(_count)?\\{[^}]+\\} [0-9.e+-]+$`, 'm'));
    }
    for (const phase of ['boot', 'fetch', 'verify', 'session', 'warmup', 'ready']) {
      expect(text).toContain(`pilotlight_cold_start_seconds{model="iris",phase="${phase}"}`);
    }
    expectPrometheusText(text);
  });

  it('never makes a label of what a client sends', async () => {
    await ask(`${server().url}/a-path-of-my-own`, { method: 'PUT' });
    await ask(`${server().url}/v2/models/a-model-of-my-own`);

    const { text } = await ask(`${server().url}/metrics`);

    expect(text).not.toContain('of-my-own');
    expect(text).toContain('route="/v2/models/{model}",method="GET",status="404"');
    expect(text).toContain('route="unknown",method="other",status="404"');
  });

  it('describes its routes in OpenAPI', async () => {
    const document = json<{ openapi: string; paths: object }>(
      await ask(`${server().url}/openapi.json`),
    );

    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toContain('/v2/models/{model}/infer');
  });

  it('says whether the code cache of the bundle was taken', async () => {
    const { cold_start } = json<{ cold_start: object }>(await ask(`${server().url}/info`));

    if (via === 'bundle') expect(cold_start).toMatchObject({ code_cache: 'accepted' });
    else expect(cold_start).not.toHaveProperty('code_cache');
  });
});

onEveryServer('development', { vias: ['bundle'], env: { NODE_ENV: 'development' } }, (server) => {
  it('lists the packages that are loaded, and loads no more of them than it needs', async () => {
    const packages = async (): Promise<readonly string[]> =>
      json<{ packages: string[] }>(await ask(`${server().url}/info`)).packages;
    const named = (name: string): unknown => expect.stringMatching(new RegExp(`^${name}@\\d`));

    const before = await packages();
    await ask(`${server().url}/metrics`);
    const after = await packages();

    expect(before).toContainEqual(named('onnxruntime-node'));
    expect(before).not.toContainEqual(named('prom-client'));
    expect(after).toContainEqual(named('prom-client'));
  });
});

/** What `promtool check metrics` is strict about: samples after their TYPE, rising buckets, one line each. */
function expectPrometheusText(text: string): void {
  expect(text.endsWith('\n')).toBe(true);
  const typed = new Set<string>();
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line)?.[1];
    if (type !== undefined) {
      expect(typed).not.toContain(type);
      typed.add(type);
    }
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', labels = ''] =
      /^([a-zA-Z_:][\w:]*)(\{\w+="[^"\n]*"(?:,\w+="[^"\n]*")*\})? (?:[0-9.e+-]+|Nan|[+-]Inf)$/.exec(
        line,
      ) ?? expect.unreachable(`not a sample: ${line}`);
    const family = name.replace(/_(bucket|sum|count)$/, '');
    expect(typed.has(name) || typed.has(family), line).toBe(true);
    expect(seen, line).not.toContain(name + labels);
    seen.add(name + labels);
  }
}
