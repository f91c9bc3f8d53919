import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { describeInBrowser } from '../../support/browser/describe-in-browser.ts';
import type { BrowserPage } from '../../support/browser/browser-page.ts';
import { fakeModel } from '../../support/fake-model.ts';
import { serveDefinition } from '../../support/serve-definition.ts';
import type { ServedDefinition } from '../../support/serve-definition.ts';
import { tally } from '../../support/tally-model.ts';

/** What stands between the page and the function: it answers as the test says, below a path of its own. */
type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const JSON_TYPE = { 'content-type': 'application/json' };
const error = (code: string, message: string): string =>
  JSON.stringify({ error: { code, message, request_id: 'r-1' } });
const total = (response: ServerResponse): void =>
  void response.writeHead(200, JSON_TYPE).end(JSON.stringify({ total: 12, request_id: 'r-2' }));

describeInBrowser('the page', (open) => {
  let served: ServedDefinition;
  let answers: Answer[];
  let asked: IncomingMessage[];
  let url: string;

  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      void fetch(`${served.url}/`, { headers: { accept: 'text/html' } }).then(async (page) => {
        const policy = page.headers.get('content-security-policy') ?? '';
        response.writeHead(200, {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': policy,
        });
        response.end(await page.text());
      });
      return;
    }
    asked.push(request);
    request
      .resume()
      .on('end', () => (answers.shift() ?? ((_, end) => total(end)))(request, response));
  });

  beforeAll(async () => {
    served = await serveDefinition(tally, fakeModel());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/where/`;
  });

  beforeEach(() => {
    answers = [];
    asked = [];
  });

  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await served.close();
  });

  async function send(page: BrowserPage): Promise<void> {
    await page.goto(url);
    await page.click('button[type=submit]');
  }
  const answered = 'document.querySelector(".answer:not(.old) .timing") !== null';

  it('asks again while the model is loading', async () => {
    await using page = await open();
    const starting = error('MODEL_LOAD', 'The model is still loading');
    answers.push(
      (_request, response) =>
        void response.writeHead(503, { ...JSON_TYPE, 'retry-after': '1' }).end(starting),
    );

    await send(page);

    await page.until('document.querySelector(".status").innerText.startsWith("Starting…")');
    await page.until(answered);
    expect(await page.text('.answer')).toContain('12');
    expect(await page.text('.status')).toBe('');
    expect(asked.map((request) => request.url)).toEqual([
      '/some/where/predict',
      '/some/where/predict',
    ]);
  });

  it('says that a function may be starting when the answer takes long', async () => {
    await using page = await open();
    let go = (): void => undefined;
    answers.push((_request, response) => (go = () => total(response)));

    await send(page);

    await page.until('document.querySelector(".status").innerText.startsWith("Waiting…")');
    go();
    await page.until(answered);
    expect(await page.text('.status')).toBe('');
  });

  it.each([
    [
      'a full queue',
      429,
      { ...JSON_TYPE, 'retry-after': '3' },
      error('QUEUE_FULL', 'Too much waits'),
      ['QUEUE_FULL (429)', 'Too much waits', 'Try again in 3 s.'],
    ],
    [
      'a deadline',
      504,
      JSON_TYPE,
      error('INFERENCE_TIMEOUT', 'Not in time'),
      ['INFERENCE_TIMEOUT (504)', 'Not in time'],
    ],
    [
      'a function that goes',
      503,
      { ...JSON_TYPE, 'retry-after': '1' },
      error('SHUTTING_DOWN', 'On the way out'),
      ['SHUTTING_DOWN (503)', 'Try again in 1 s.'],
    ],
    [
      'faults of a protocol',
      400,
      JSON_TYPE,
      JSON.stringify({ error: 'No such input', code: 'INVALID_REQUEST', request_id: 'r-3' }),
      ['INVALID_REQUEST (400)', 'No such input'],
    ],
    [
      'several faults',
      400,
      JSON_TYPE,
      JSON.stringify({
        error: {
          code: 'INVALID_REQUEST',
          message: 'Two are wrong',
          request_id: 'r-4',
          details: [
            { path: 'data', message: 'Must be bytes' },
            { path: 'notes.0', message: 'Is empty' },
          ],
        },
      }),
      ['Two are wrong', 'data Must be bytes', 'notes.0 Is empty'],
    ],
    [
      'a proxy',
      503,
      { 'content-type': 'text/plain' },
      'no healthy upstream',
      ['HTTP 503', 'no healthy upstream'],
    ],
    [
      'HTML that is not ours',
      502,
      { 'content-type': 'text/html' },
      '<h1>Bad</h1>',
      ['HTTP 502', '<h1>Bad</h1>'],
    ],
  ])('shows the error of %s', async (_what, status, headers, body, shown) => {
    await using page = await open();
    answers.push((_request, response) => void response.writeHead(status, headers).end(body));

    await send(page);
    await page.until(answered);

    const text = await page.text('.failure');
    for (const words of shown) expect(text).toContain(words);
  });

  it('says so when there is no answer at all', async () => {
    await using page = await open();
    // Chromium sends a request again that got nothing at all.
    answers.push((request, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': 100 });
      response.write('{', () => request.socket.destroy());
    });

    await send(page);

    await page.until('document.querySelector(".failure") !== null');
    expect(await page.text('.failure')).toMatch(/^No answer\s+The connection failed/);
  });

  it('lets go of a request that is cancelled', async () => {
    await using page = await open();
    const gone = new Promise<void>((resolve) => {
      answers.push((request) => void request.socket.once('close', resolve));
    });

    await send(page);
    await page.until('!document.querySelector(".actions .quiet").hidden');
    await page.click('.actions .quiet');

    await gone;
    await page.until('document.querySelector(".status").innerText !== "Sending…"');
    expect(await page.text('.status')).toBe('Cancelled');
  });

  it('is used by keyboard alone', async () => {
    await using page = await open();
    await page.goto(url);

    await page.evaluate('document.querySelector("#tab-0").focus()');
    await page.press('ArrowRight');
    expect(await page.evaluate('document.activeElement.id')).toBe('tab-1');
    expect(await page.evaluate('document.querySelector("#panel-0").hidden')).toBe(true);
    await page.press('ArrowRight');
    expect(await page.evaluate('document.activeElement.id')).toBe('tab-0');

    await page.evaluate('document.querySelector(".call details summary").focus()');
    await page.press('Enter');
    await page.type('#predict-factor', '3');
    await page.press('Enter');
    await page.until(answered);
    expect(asked).toHaveLength(1);
  });

  it('sends the deadline that is chosen', async () => {
    await using page = await open();
    await page.goto(url);

    await page.evaluate('document.querySelector(".call details").open = true');
    await page.type('#predict-deadline', '250');
    await page.click('button[type=submit]');
    await page.until(answered);

    expect(asked[0]?.headers['x-request-timeout-ms']).toBe('250');
    expect(await page.text('.command code')).toContain("-H 'x-request-timeout-ms: 250'");
  });

  async function show(page: BrowserPage, answer: object): Promise<void> {
    answers.push(
      (_request, response) =>
        void response.writeHead(200, JSON_TYPE).end(JSON.stringify({ ...answer, request_id: 'r' })),
    );
    await send(page);
    await page.until(answered);
  }

  it('draws the signals of an answer, with a mark at each thing that has a position', async () => {
    await using page = await open();

    await show(page, {
      pulses: [
        { position_s: 0, amplitude: -1.5, width_s: 1e-7 },
        { position_s: 2e-6, amplitude: 3, width_s: 2.5e-4 },
      ],
      plot: {
        step_s: 1e-6,
        input_min: [-2, -1, 0],
        input_max: [2, 1, 3],
        denoised_min: [0, 0, 0],
        denoised_max: [0, 0, 2],
      },
      denoised: Array.from({ length: 20 }, () => 0),
    });

    expect(await page.text('.plot')).toMatch(/^Signals\s+input\s+denoised\s+pulses/);
    expect(
      await page.evaluate(
        '[...document.querySelectorAll(".plot svg")].map((one) => one.getAttribute("aria-label"))',
      ),
    ).toEqual(['Signals: input, denoised; 3 values from -2 to 3; 2 pulses']);
    expect(
      await page.evaluate(
        '[...document.querySelectorAll(".mark title")].map((one) => one.textContent)',
      ),
    ).toEqual([
      'position 0\u00a0s, amplitude -1.5, width 100\u00a0ns',
      'position 2\u00a0µs, amplitude 3, width 250\u00a0µs',
    ]);
    // Each signal is a shape from the left edge to the right one and back.
    const shapes = await page.evaluate<{ left: number; width: number }[]>(
      `[...document.querySelectorAll(".plot path.line")].map((one) => {
        const { x, width } = one.getBBox();
        return { left: x, width };
      })`,
    );
    expect(shapes).toHaveLength(2);
    expect(shapes[0]).toEqual(shapes[1]);
    expect(shapes[0]?.width).toBeGreaterThan(200);
  });

  it('draws long lists of numbers as lines', async () => {
    await using page = await open();

    await show(page, { samples: Array.from({ length: 17 }, (_, index) => index % 5), few: [1, 2] });

    expect(await page.text('.plot')).toMatch(/^Signals\s+samples/);
    expect(await page.evaluate('document.querySelectorAll(".plot path.line").length')).toBe(1);
    expect(await page.text('.answer')).toContain('few: 1, 2');
  });

  it('writes amounts with the unit that their name ends with', async () => {
    await using page = await open();

    await show(page, {
      repetition_rate_hz: 51_230,
      duration_s: 0.000_02,
      snr_before_db: -2.345,
      snr_after_db: null,
      sepal_length: 5.1,
      source: 'header',
      resampled: false,
    });

    expect((await page.text('dl')).replaceAll(/\s+/g, ' ')).toBe(
      'repetition rate 51.23 kHz duration 20 µs snr before -2.3 dB snr after – ' +
        'sepal length 5.1 source header resampled no',
    );
    expect(await page.evaluate('document.querySelector(".headline")')).toBeNull();
  });

  it('puts zero in the middle where some numbers are below it', async () => {
    await using page = await open();

    await show(page, { similarities: { cat: -0.25, dog: 0.5 } });

    const bars = await page.evaluate<string[]>(
      `[...document.querySelectorAll(".bar")].map((one) =>
        ["--from", "--to"].map((name) => one.style.getPropertyValue(name)).join(" to "))`,
    );
    expect(bars).toEqual(['50% to 75%', '37.5% to 50%']);
    expect(await page.text('.bars')).toMatch(/dog\s+0\.500\s+cat\s+-0\.250/);
  });

  it('never reads what comes back as HTML', async () => {
    await using page = await open();
    const evil = '<img src=x onerror="document.title=1">';
    answers.push(
      (_request, response) =>
        void response
          .writeHead(200, JSON_TYPE)
          .end(
            JSON.stringify({ prediction: evil, probabilities: { [evil]: 1 }, list: [{ a: evil }] }),
          ),
    );

    await send(page);
    await page.until(answered);

    expect(await page.evaluate('document.querySelectorAll(".answer img").length')).toBe(0);
    expect(await page.text('.headline')).toBe(evil);
  });
});
