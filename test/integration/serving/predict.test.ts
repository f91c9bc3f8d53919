import { expect, it } from 'vitest';

import { goldenRows, readGolden } from '../../support/golden.ts';
import { SETOSA, VIRGINICA, ask, expectError, json, post } from '../../support/http-client.ts';
import { onEveryServer } from './on-every-server.ts';

const golden = readGolden();
const rows = goldenRows(golden);

interface Prediction {
  readonly prediction: string;
  readonly confidence: number;
  readonly probabilities: Readonly<Record<string, number>>;
}

type Listed = { readonly predictions: readonly Prediction[]; readonly batch_size: number };

function expectGolden(ours: Prediction | undefined, theirs: Prediction): void {
  const { absolute } = golden.tolerance;
  expect(ours?.prediction).toBe(theirs.prediction);
  expect(Math.abs((ours?.confidence ?? Infinity) - theirs.confidence)).toBeLessThanOrEqual(
    absolute,
  );
  expect(Object.keys(ours?.probabilities ?? {})).toEqual(Object.keys(theirs.probabilities));
  for (const [label, probability] of Object.entries(theirs.probabilities)) {
    const difference = Math.abs((ours?.probabilities[label] ?? Infinity) - probability);
    expect(difference).toBeLessThanOrEqual(absolute);
  }
}

onEveryServer('predict', {}, (server) => {
  it('shows the phases of the cold start to the first prediction only', async () => {
    const refused = await post(`${server().url}/predict`, {});
    const first = await post(`${server().url}/predict`, SETOSA);
    const second = await post(`${server().url}/predict`, SETOSA);

    const steps = (answer: typeof first): string[] =>
      (answer.headers.get('server-timing') ?? '')
        .split(', ')
        .map((part) => part.split(';')[0] ?? '');
    const request = ['preprocess', 'queue', 'infer', 'postprocess'];
    const start = ['boot', 'fetch', 'verify', 'session', 'warmup', 'ready'];
    expect(steps(refused)).toEqual(['']);
    expect(steps(first).toSorted()).toEqual([...request, ...start].toSorted());
    expect(steps(second).toSorted()).toEqual(request.toSorted());
    expect(second.headers.get('server-timing')).toMatch(/^(\w+;dur=\d+\.\d{3}(, )?){4}$/);
  });

  it('answers one bare instance flat, with the envelope beside it', async () => {
    const answer = await post(`${server().url}/predict`, SETOSA);

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    const body = json(answer);
    expect(Object.keys(body)).toEqual([
      'prediction',
      'confidence',
      'probabilities',
      'model_name',
      'model_version',
      'request_id',
      'processing_time_ms',
      'batch_size',
    ]);
    expect(body).toMatchObject({
      prediction: 'setosa',
      confidence: expect.closeTo(1, 5),
      model_name: 'iris',
      model_version: '1',
      request_id: answer.headers.get('x-request-id'),
      batch_size: 1,
    });
    expect(body['processing_time_ms']).toBeGreaterThan(0);
    expect(body['processing_time_ms']).toBeLessThan(10_000);
  });

  it('answers what scikit-learn answers, one by one', async () => {
    const answers = await Promise.all(
      rows.map(({ instance }) => post(`${server().url}/predict`, instance)),
    );

    expect(rows.length).toBeGreaterThan(50);
    for (const [row, answer] of answers.entries()) {
      expect(answer.status).toBe(200);
      expectGolden(json<Prediction>(answer), rows[row]?.prediction as Prediction);
    }
  });

  it('answers what scikit-learn answers, as a list in the same order', async () => {
    const instances = rows.map(({ instance }) => instance);

    const answer = await post(`${server().url}/predict`, { instances });

    const { predictions, ...envelope } = json<Listed>(answer);
    expect(predictions).toHaveLength(rows.length);
    for (const [row, ours] of predictions.entries()) {
      expectGolden(ours, rows[row]?.prediction as Prediction);
    }
    expect(envelope).toEqual({
      model_name: 'iris',
      model_version: '1',
      request_id: answer.headers.get('x-request-id'),
      processing_time_ms: expect.any(Number),
      batch_size: rows.length,
    });
  });

  it('serves /infer as /predict', async () => {
    const answer = await post(`${server().url}/infer`, { instances: [VIRGINICA] });

    expect(json<Listed>(answer).predictions[0]).toMatchObject({ prediction: 'virginica' });
  });

  it('splits a list that is longer than a batch may be, and keeps its order', async () => {
    const instances = Array.from({ length: 2500 }, (_, row) => (row % 2 ? VIRGINICA : SETOSA));

    const answer = await post(`${server().url}/predict`, { instances });

    const { predictions, batch_size } = json<Listed>(answer);
    expect(batch_size).toBe(1024);
    expect(predictions.map(({ prediction }) => prediction)).toEqual(
      instances.map((one) => (one === SETOSA ? 'setosa' : 'virginica')),
    );
  });

  it('runs requests that come together as one batch, and gives each its own rows', async () => {
    const rowsOf = (request: number): (typeof SETOSA | typeof VIRGINICA)[] =>
      Array.from({ length: 1 + (request % 3) }, () => (request % 2 ? VIRGINICA : SETOSA));

    // How the sockets' bytes fall into turns is the system's business: some pair meets soon.
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 24 }, (_, request) =>
          post(`${server().url}/predict`, { instances: rowsOf(request) }),
        ),
      );
      const bodies = answers.map((answer) => json<Listed>(answer));
      for (const [request, { predictions }] of bodies.entries()) {
        const expected = request % 2 ? 'virginica' : 'setosa';
        expect(predictions.map(({ prediction }) => prediction)).toEqual(
          rowsOf(request).map(() => expected),
        );
      }
      if (bodies.some(({ batch_size }, request) => batch_size > rowsOf(request).length)) return;
    }
    expect.unreachable('no two requests of 20 rounds shared a run');
  });

  it('takes whatever else is legal JSON for the same numbers', async () => {
    const text = ` {"petal_width" : 2e-1,\n"petal_length":1.4, "sepal_width":35E-1,"sepal_length":5.10 }\t`;

    const answer = await post(`${server().url}/predict`, text, {
      'content-type': 'Application/JSON; charset="UTF-8"',
    });

    expect(json(answer)).toMatchObject({ prediction: 'setosa' });
  });

  it('answers 504 when the time that the caller gave is over before the model can start', async () => {
    // Reading and checking so many rows takes longer than a millisecond on any machine.
    const instances = Array.from({ length: 5000 }, () => SETOSA);

    const answer = await post(
      `${server().url}/predict`,
      { instances },
      { 'x-request-timeout-ms': '1' },
    );

    expectError(answer, 'INFERENCE_TIMEOUT', 'typed');
  });

  it.each(['0', '-1', 'soon', '1.5', 'Infinity', '1, 2'])(
    'refuses X-Request-Timeout-Ms: %s',
    async (value) => {
      const answer = await post(`${server().url}/predict`, SETOSA, {
        'x-request-timeout-ms': value,
      });

      expect(expectError(answer, 'INVALID_REQUEST', 'typed').message).toContain(
        'X-Request-Timeout-Ms',
      );
    },
  );

  it('takes an X-Request-Timeout-Ms that is long enough', async () => {
    const answer = await post(`${server().url}/predict`, SETOSA, {
      'x-request-timeout-ms': '9007199254740993',
    });

    expect(answer.status).toBe(200);
  });

  it('refuses POST / until events are served', async () => {
    const answer = await post(`${server().url}/`, SETOSA, { 'ce-type': 'x', 'ce-id': '1' });

    expectError(answer, 'INVALID_REQUEST', 'typed');
  });

  it('counts what it did', async () => {
    const { text } = await ask(`${server().url}/metrics`);

    expect(text).toMatch(/^inference_requests_total\{model="iris",status="200"\} [1-9]/m);
    expect(text).toMatch(
      /^inference_errors_total\{model="iris",error_type="INFERENCE_TIMEOUT"\} 1$/m,
    );
    expect(text).toMatch(/^inference_batch_size_bucket\{le="1024",model="iris"\} [1-9]/m);
  });
});
