import { mkdir, readFile, writeFile } from 'node:fs/promises';

import { expect, it } from 'vitest';

import { CATALOGUE } from '../../../functions/catalogue.ts';
import { loadModel } from '../../../models/loader/load-model.ts';
import { describeInBrowser } from '../../support/browser/describe-in-browser.ts';
import { serveDefinition } from '../../support/serve-definition.ts';
import type { ServedDefinition } from '../../support/serve-definition.ts';

/** `SCREENSHOTS=1 npm test -- test/integration/page/looks` writes docs/screenshots anew. */
const WRITES = process.env['SCREENSHOTS'] === '1';
const PATIENCE_MS = 300_000;
const LOOKS = ['iris', 'text', 'image', 'clip', 'flava', 'denoise'].flatMap((name) =>
  (['light', 'dark'] as const).flatMap((scheme) =>
    ([360, 1100] as const).map((width) => [name, scheme, width] as const),
  ),
);

/** Serves a function of the catalogue with its own package, in this process. */
async function serve(name: string): Promise<ServedDefinition & AsyncDisposable> {
  const model = await loadModel({
    uri: `file:models/${name}`,
    expectedName: name,
    workers: 1,
    signal: new AbortController().signal,
    onEvent: () => undefined,
    openStore: () => Promise.reject(new Error('The package lies in a folder')),
  });
  const served = await serveDefinition(await CATALOGUE[name]!(), model);
  return {
    ...served,
    async [Symbol.asyncDispose]() {
      await served.close();
      await model.session.release();
    },
  };
}

describeInBrowser('the page of', (open) => {
  it.each(LOOKS)(
    '%s, %s, %i pixels wide',
    { timeout: PATIENCE_MS },
    async (name, scheme, width) => {
      await using served = await serve(name);
      await using page = await open({ width, height: 800, scheme });
      await page.goto(`${served.url}/`);

      await page.click('button[type=submit]');
      await page.until('document.querySelector(".answer:not(.old) .timing") !== null', PATIENCE_MS);
      // Only the first answer speaks of a start, which here is that of the test.
      await page.click('button[type=submit]');
      await page.until('!document.querySelector(".answer").innerText.includes("Cold start")');
      expect(await page.evaluate('document.querySelector(".failure")?.innerText')).toBeFalsy();
      expect(page.complaints).toEqual([]);
      await page.until('[...document.images].every((one) => one.hidden || one.complete)');

      expect(await page.evaluate(OVERFLOW), 'wider than the window').toBe(0);
      expect(await page.evaluate(NAMELESS), 'controls without a name').toEqual([]);
      expect(await page.evaluate(PALE), 'text that is hard to read').toEqual([]);
      if (WRITES) {
        await mkdir('docs/screenshots', { recursive: true });
        const path = `docs/screenshots/${name}-${scheme}-${width === 360 ? 'narrow' : 'wide'}.webp`;
        await writeFile(path, await page.screenshot('webp', 80));
        expect((await readFile(path)).length).toBeLessThan(100_000);
      }
    },
  );
});

/** Pixels that lie outside the window to the right. */
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** Fields and buttons that a screen reader has no words for. */
const NAMELESS = `[...document.querySelectorAll('input, textarea, select, button')]
  .filter((one) => (one.labels?.length ?? 0) === 0 && one.innerText.trim() === '' && one.offsetParent !== null)
  .map((one) => one.outerHTML)`;

/** Texts whose contrast is below 4.5. https://www.w3.org/TR/WCAG22/#contrast-minimum */
const PALE = `(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = (one) => {
    const colour = rgb(getComputedStyle(one).backgroundColor);
    return colour[3] === 0 ? (one.parentElement === null ? [255, 255, 255] : ground(one.parentElement)) : colour;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const pale = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const one = node.parentElement;
    if (node.data.trim() === '' || one.offsetParent === null || one.closest('svg') !== null) continue;
    const [a, b] = [light(rgb(getComputedStyle(one).color)), light(ground(one))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) pale.push(node.data.trim());
  }
  return pale;
})()`;
