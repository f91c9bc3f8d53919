import type { DevTools, DevToolsEvent } from './dev-tools.ts';
import type { PageOptions } from './open-browser.ts';

/** What a tab loaded, by its answer. */
export interface Loaded {
  readonly url: string;
  readonly status: number;
}

/** A tab: what people do in it, and what they see. */
export class BrowserPage {
  /** Errors and warnings of the console, broken rules of the Content-Security-Policy among them. */
  readonly complaints: string[] = [];
  /** Every answer that came over the network. */
  readonly loaded: Loaded[] = [];
  readonly #tools: DevTools;
  readonly #session: string;
  readonly #target: string;

  private constructor(tools: DevTools, session: string, target: string) {
    this.#tools = tools;
    this.#session = session;
    this.#target = target;
    tools.listen((event) => {
      if (event.sessionId === session) this.#note(event);
    });
  }

  /** A tab of its own in the browser. */
  static async open(
    tools: DevTools,
    { width = 1100, height = 900, scheme = 'light' }: PageOptions = {},
  ): Promise<BrowserPage> {
    const { targetId } = await tools.send<{ targetId: string }>('Target.createTarget', {
      url: 'about:blank',
    });
    const { sessionId } = await tools.send<{ sessionId: string }>('Target.attachToTarget', {
      targetId,
      flatten: true,
    });
    const page = new BrowserPage(tools, sessionId, targetId);
    await Promise.all(
      ['Page', 'Runtime', 'Log', 'Network'].map((name) => page.#send(`${name}.enable`)),
    );
    await page.#send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await page.#send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    });
    return page;
  }

  /** Opens an address, and resolves once `ready` holds in it. */
  async goto(url: string, ready = 'document.querySelector("form") !== null'): Promise<void> {
    const { errorText } = await this.#send<{ errorText?: string }>('Page.navigate', { url });
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
    await this.until(`document.readyState === 'complete' && (${ready})`);
  }

  /** The value of an expression in the page; of a promise, what it resolves with. */
  async evaluate<T = unknown>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#send<Evaluated>('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) {
      throw new Error(
        `${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`,
      );
    }
    return result.value as T;
  }

  /**
   * Resolves when an expression holds: the page looks at it whenever it draws, and when its content changes.
   * @throws {Error} When it does not hold in time; says what the page shows.
   */
  async until(expression: string, timeoutMs = 30_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    const holds = `new Promise((resolve) => {
      const look = () => ((${expression}) ? resolve(true) : setTimeout(look, 20));
      setTimeout(() => resolve(false), 500);
      look();
    })`;
    for (;;) {
      // A navigation ends the page that was asked.
      if (await this.evaluate<boolean>(holds).catch(() => false)) return;
      if (Date.now() > deadline) {
        const shown = await this.evaluate<string>('document.body.innerText').catch(String);
        throw new Error(`Not in time: ${expression}\n${shown}\n${this.complaints.join('\n')}`);
      }
    }
  }

  /** The text of the first element that fits. */
  text(selector: string): Promise<string> {
    return this.evaluate(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`);
  }

  /** Puts the focus on an element and types, as a keyboard does; what was there goes. */
  async type(selector: string, text: string): Promise<void> {
    await this.evaluate(`{
      const field = document.querySelector(${JSON.stringify(selector)});
      field.focus();
      field.select();
    }`);
    if (text === '') await this.press('Delete');
    else await this.#send('Input.insertText', { text });
  }

  /** Presses and releases a key. */
  async press(key: string): Promise<void> {
    const codes: Readonly<Record<string, number>> = {
      Enter: 13,
      Delete: 46,
      ArrowRight: 39,
      Tab: 9,
    };
    const common = { key, code: key, windowsVirtualKeyCode: codes[key] ?? 0 };
    const text = key === 'Enter' ? { text: '\r' } : {};
    await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', ...common, ...text });
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...common });
  }

  /** Clicks in the middle of an element. */
  async click(selector: string): Promise<void> {
    const { x, y } = await this.#middleOf(selector);
    const at = { x, y, button: 'left', clickCount: 1 };
    await this.#send('Input.dispatchMouseEvent', { type: 'mousePressed', ...at });
    await this.#send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...at });
  }

  /** Drops a file of this machine on an element. */
  async drop(selector: string, path: string): Promise<void> {
    const at = await this.#middleOf(selector);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop']) {
      await this.#send('Input.dispatchDragEvent', { type, ...at, data });
    }
  }

  /** A picture of the whole page. */
  async screenshot(format: 'png' | 'webp', quality?: number): Promise<Buffer> {
    const { data } = await this.#send<{ data: string }>('Page.captureScreenshot', {
      format,
      ...(quality === undefined ? {} : { quality }),
      captureBeyondViewport: true,
      clip: await this.#wholePage(),
    });
    return Buffer.from(data, 'base64');
  }

  async close(): Promise<void> {
    await this.#tools.send('Target.closeTarget', { targetId: this.#target });
  }

  async #wholePage(): Promise<object> {
    const { cssContentSize } = await this.#send<{ cssContentSize: object }>(
      'Page.getLayoutMetrics',
    );
    return { ...cssContentSize, scale: 1 };
  }

  async #middleOf(selector: string): Promise<{ readonly x: number; readonly y: number }> {
    return this.evaluate(`(() => {
      const found = document.querySelector(${JSON.stringify(selector)});
      found.scrollIntoView({ block: 'center' });
      const { x, y, width, height } = found.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
  }

  #send<T = unknown>(method: string, params: object = {}): Promise<T> {
    return this.#tools.send<T>(method, params, this.#session);
  }

  #note({ method, params }: DevToolsEvent): void {
    const { entry, exceptionDetails, type, args, response } = params as Noted;
    if (method === 'Log.entryAdded' && entry !== undefined) {
      this.complaints.push(`${entry.source} ${entry.level}: ${entry.text} ${entry.url ?? ''}`);
    } else if (method === 'Runtime.exceptionThrown') {
      this.complaints.push(`exception: ${exceptionDetails?.exception?.description ?? ''}`);
    } else if (method === 'Runtime.consoleAPICalled') {
      this.complaints.push(`console.${type ?? ''}: ${JSON.stringify(args)}`);
    } else if (method === 'Network.responseReceived' && response !== undefined) {
      this.loaded.push({ url: response.url, status: response.status });
    }
  }
}

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}

interface Noted {
  readonly entry?: {
    readonly source: string;
    readonly level: string;
    readonly text: string;
    readonly url?: string;
  };
  readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
  readonly type?: string;
  readonly args?: unknown;
  readonly response?: Loaded;
}
