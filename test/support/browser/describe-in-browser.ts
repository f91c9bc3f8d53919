import { afterAll, beforeAll, describe } from 'vitest';

import type { BrowserPage } from './browser-page.ts';
import { chromiumBinary, isChromiumRequired, NO_CHROMIUM, openBrowser } from './open-browser.ts';
import type { Browser, PageOptions } from './open-browser.ts';

/** Opens a tab that is closed when the test ends. */
export type OpenPage = (options?: PageOptions) => Promise<BrowserPage & AsyncDisposable>;

const hasChromium = chromiumBinary() !== undefined;
if (!hasChromium) console.warn(NO_CHROMIUM);

/**
 * Tests with a browser of their own; skipped, aloud, where there is none. Where one is required they fail then.
 */
export function describeInBrowser(name: string, suite: (open: OpenPage) => void): void {
  describe.skipIf(!hasChromium && !isChromiumRequired())(`${name} in a browser`, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      browser = await openBrowser();
    }, 120_000);
    afterAll(() => browser?.close());

    suite(async (options) => {
      if (browser === undefined) throw new Error('The browser is not open');
      const page = await browser.newPage(options);
      return Object.assign(page, { [Symbol.asyncDispose]: () => page.close() });
    });
  });
}
