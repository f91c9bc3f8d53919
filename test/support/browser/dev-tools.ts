import type { Readable, Writable } from 'node:stream';

/** An event of the browser. */
export interface DevToolsEvent {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly sessionId?: string;
}

/** A connection to a browser by its debugging protocol. */
export interface DevTools {
  /**
   * Sends a command, to the browser or to one tab, and gives what it returns.
   * @throws {Error} When the browser refuses it.
   */
  send<T = unknown>(method: string, params?: object, sessionId?: string): Promise<T>;
  listen(onEvent: (event: DevToolsEvent) => void): void;
  /** Fails what is still waiting. */
  end(reason: string): void;
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (cause: Error) => void;
}

/** Speaks over the two pipes of `--remote-debugging-pipe`: JSON, with a zero byte after each message. */
export function connectDevTools(input: Writable, output: Readable): DevTools {
  const waiting = new Map<number, Waiting>();
  const listeners: ((event: DevToolsEvent) => void)[] = [];
  let last = 0;
  let ended: string | undefined;
  let rest = Buffer.alloc(0);
  input.on('error', () => undefined);
  output.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0); end !== -1; end = rest.indexOf(0)) {
      take(JSON.parse(rest.subarray(0, end).toString()) as DevToolsEvent & Answer);
      rest = rest.subarray(end + 1);
    }
  });

  function take(message: DevToolsEvent & Answer): void {
    if (message.id === undefined) {
      for (const onEvent of listeners) onEvent(message);
      return;
    }
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error === undefined) asked?.resolve(message.result as never);
    else asked?.reject(new Error(message.error.message));
  }

  return {
    send(method, params = {}, sessionId) {
      if (ended !== undefined) return Promise.reject(new Error(ended));
      last += 1;
      const id = last;
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    },
    listen: (onEvent) => void listeners.push(onEvent),
    end(reason) {
      ended = reason;
      for (const { reject } of waiting.values()) reject(new Error(reason));
      waiting.clear();
    },
  };
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}
