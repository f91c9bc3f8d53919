import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { startProduct } from '../../docs/support/running-product.ts';
import type { RunningProduct } from '../../docs/support/running-product.ts';
import { describeInBrowser } from '../../support/browser/describe-in-browser.ts';
import type { BrowserPage } from '../../support/browser/browser-page.ts';

/** Building, and a cold start of every function on a machine that has other things to do. */
const PATIENCE_MS = 600_000;
const ANSWERED = 'document.querySelector(".answer:not(.old) .timing") !== null';

/** What a function's page shows for its sample, in the order of the page; numbers that matter only. */
const SHOWN: readonly (readonly [name: string, shown: RegExp, path: string])[] = [
  ['iris', /^setosa\s+confidence\s+100 %\s+probabilities\s+setosa\s+100 %/, 'predict'],
  ['text', /^delivery\s+confidence\s+(> )?[\d.]+ %/, 'predict'],
  ['image', /^predictions\s+car\s+[\d.]+ %/, 'predict'],
  ['clip', /similarities[\s\S]+probabilities/, 'predict'],
  ['flava', /^match\s+scores/, 'predict'],
  ['denoise', /^Signals\s+input\s+denoised\s+pulses[\s\S]+snr after\s+[\d.]+\sdB/, 'test'],
];

describeInBrowser('the pages of npm start', (open) => {
  let product: RunningProduct;

  beforeAll(async () => {
    product = await startProduct();
  }, PATIENCE_MS);

  afterAll(() => product.stop());

  const addressOf = (name: string): string => product.here(`http://localhost:8080/${name}/`);

  /** Opens a function's page and has its sample predicted. */
  async function trySample(page: BrowserPage, name: string): Promise<void> {
    await page.goto(addressOf(name));
    await page.click('.call:not([hidden]) button[type=submit]');
    await page.until(ANSWERED, PATIENCE_MS);
  }

  it.each(SHOWN)(
    'predicts the sample of %s',
    { timeout: PATIENCE_MS },
    async (name, shown, path) => {
      await using page = await open();

      await trySample(page, name);

      expect(await page.text('.answer')).toMatch(shown);
      expect(await page.text('.timing')).toMatch(/^[\d.]+\sm?s · .*infer\s[\d.]+\sm?s/);
      expect(page.complaints).toEqual([]);
      // The page and the prediction: nothing else is asked for, from nowhere else.
      expect(page.loaded.filter(({ url }) => !/^(blob|data):/.test(url))).toEqual([
        { url: addressOf(name), status: 200 },
        { url: addressOf(name) + path, status: 200 },
      ]);
    },
  );

  it.each(SHOWN)(
    'gives a curl line for %s that answers alike',
    { timeout: PATIENCE_MS },
    async (name) => {
      await using page = await open();
      await trySample(page, name);
      const line = await page.text('.command code');
      const json = JSON.parse(
        await page.evaluate<string>('document.querySelector(".answer pre").textContent'),
      ) as object;

      // Files are named without a folder, as those who type such a line are beside them.
      const { stdout } = await promisify(execFile)('sh', ['-c', line], {
        cwd: `functions/${name}`,
      });

      expect(withoutTimes(JSON.parse(stdout) as object)).toEqual(withoutTimes(json));
    },
  );

  it('is found without the slash at its end too', { timeout: PATIENCE_MS }, async () => {
    await using page = await open();
    await page.goto(addressOf('iris').slice(0, -1));

    await page.click('button[type=submit]');
    await page.until(ANSWERED, PATIENCE_MS);

    expect(await page.text('.headline')).toBe('setosa');
    expect(await page.text('.command code')).toContain(`${addressOf('iris')}predict`);
  });

  it('takes a picture that is dropped, and shows it', { timeout: PATIENCE_MS }, async () => {
    await using page = await open();
    await page.goto(addressOf('image'));

    await page.drop('.drop', `${process.cwd()}/test/fixtures/images/held-out/00006.png`);

    await page.until('document.querySelector(".file-name").innerText.startsWith("00006.png")');
    await page.until('document.querySelector(".drop img").naturalWidth > 0');
    expect(await page.text('.command code')).toContain('-F image=@00006.png');
    await page.click('button[type=submit]');
    await page.until(ANSWERED, PATIENCE_MS);
    expect(await page.text('.answer')).toMatch(/^predictions\s+\w+\s+[\d.]+ %/);
  });

  it('says what is wrong with a file that is no picture', { timeout: PATIENCE_MS }, async () => {
    await using page = await open();
    await page.goto(addressOf('image'));

    await page.drop('.drop', `${process.cwd()}/README.md`);
    await page.until('document.querySelector(".file-name").innerText.startsWith("README.md")');
    await page.click('button[type=submit]');
    await page.until(ANSWERED, PATIENCE_MS);

    expect(await page.text('.failure .headline')).toBe('INVALID_IMAGE (400)');
    // Chromium itself says that the answer was not 2xx; nothing else went wrong.
    expect(page.complaints).toEqual([expect.stringMatching(/network error: .*status of 400/)]);
  });

  it('compares texts that are typed with the picture', { timeout: PATIENCE_MS }, async () => {
    await using page = await open();
    await page.goto(addressOf('clip'));

    await page.type('textarea.lines, textarea', 'a red circle\na blue square');
    await page.click('button[type=submit]');
    await page.until(ANSWERED, PATIENCE_MS);

    expect(await page.text('.answer')).toMatch(/a red circle[\s\S]+a blue square/);
    expect(await page.text('.command code')).toMatch(
      /--form-string 'text=a red circle' \\\n\s+--form-string 'text=a blue square'/,
    );
  });

  it('sends tensors by the Open Inference Protocol', { timeout: PATIENCE_MS }, async () => {
    await using page = await open();
    await page.goto(addressOf('iris'));

    await page.click('#tab-1');
    await page.click('#panel-1 button[type=submit]');
    await page.until('document.querySelector("#panel-1 .timing") !== null', PATIENCE_MS);

    expect(await page.text('#panel-1 .answer')).toMatch(
      /label: INT64 \[1\]\s+0[\s\S]+probabilities: FP32 \[1, 3\]\s+setosa\s+100 %/,
    );
  });
});

/** An answer without what differs from one request to the next. */
function withoutTimes(answer: object): object {
  return { ...answer, request_id: '', processing_time_ms: 0 };
}
