import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

import { findProgram } from '../find-program.ts';
import { connectDevTools } from './dev-tools.ts';
import type { DevTools } from './dev-tools.ts';
import { BrowserPage } from './browser-page.ts';

/** What to tell people who have no Chromium: one line. */
export const NO_CHROMIUM =
  'No Chromium found: tests of the page in a browser are skipped. Put `chromium` on the PATH (apt-get install chromium) or set CHROMIUM_BIN=/path/to/chromium.';

/** A headless Chromium, with a profile that nobody had before. */
export interface Browser {
  /** A tab that shows nothing yet. */
  newPage(options?: PageOptions): Promise<BrowserPage>;
  close(): Promise<void>;
}

/** What a tab pretends. */
export interface PageOptions {
  /** CSS pixels. @default 1100 × 900 */
  readonly width?: number;
  readonly height?: number;
  /** @default 'light' */
  readonly scheme?: 'light' | 'dark';
}

/** The Chromium to test with: `CHROMIUM_BIN`, else `chromium` on the PATH; undefined when neither is there. */
export function chromiumBinary(): string | undefined {
  return findProgram('chromium', 'CHROMIUM_BIN');
}

/** Whether tests must fail, not skip, when there is no Chromium (`CI_REQUIRE_CHROMIUM=1`). */
export function isChromiumRequired(): boolean {
  return process.env['CI_REQUIRE_CHROMIUM'] === '1';
}

/**
 * Starts a browser, driven over a pipe: no port, and no library between.
 * https://chromedevtools.github.io/devtools-protocol/
 * @throws {Error} When there is none, or it does not start.
 */
export async function openBrowser(): Promise<Browser> {
  const binary = chromiumBinary();
  if (binary === undefined) throw new Error(NO_CHROMIUM);
  const profile = await mkdtemp(join(tmpdir(), 'pilotlight-chromium-'));
  const child = spawn(
    binary,
    [
      '--headless',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      '--no-first-run',
      '--disable-gpu',
      '--disable-extensions',
      '--disable-background-networking',
      '--force-color-profile=srgb',
      '--hide-scrollbars',
      // Its sandbox needs rights that containers do not give, and it only sees pages of ours.
      '--no-sandbox',
      '--disable-dev-shm-usage',
    ],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] },
  );
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => (errors += text.toString()));
  const ended = once(child, 'close').then(() => rm(profile, { recursive: true, force: true }));
  const tools: DevTools = connectDevTools(child.stdio[3] as Writable, child.stdio[4] as Readable);
  void ended.then(() => tools.end(`Chromium ended:\n${errors.slice(-2000)}`));
  await tools.send('Browser.getVersion');
  return {
    newPage: (options) => BrowserPage.open(tools, options),
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
