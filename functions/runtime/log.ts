import { pino } from 'pino';

import type { Config } from './config.ts';

/** Fields of a log line besides `timestamp`, `level`, `logger` and `message`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one JSON line per event to standard output. No payloads, no secrets. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log under another `logger` name. */
  named(logger: string): Log;
  /** Returns when every line so far is written; call it before the process ends. */
  flush(): void;
}

/** A log whose lines all carry `fields`. An `error` field that is an Error is written with its causes. */
export function createLog(level: Config['LOG_LEVEL'], fields: LogFields = {}): Log {
  // Asynchronous writes: a slow reader of our output must not stop the event loop.
  const destination = pino.destination({ dest: 1, sync: false });
  const root = pino(
    {
      level,
      base: fields,
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: serializeError },
    },
    destination,
  );
  const flush = (): void => {
    try {
      destination.flushSync();
    } catch {
      // Nothing is open yet, or nobody reads any more: either way there is no place left to say so.
    }
  };
  const wrap = (logger: string): Log => {
    const child = root.child({ logger });
    return {
      debug: (message, more = {}) => child.debug(more, message),
      info: (message, more = {}) => child.info(more, message),
      warn: (message, more = {}) => child.warn(more, message),
      error: (message, more = {}) => child.error(more, message),
      named: wrap,
      flush,
    };
  };
  return wrap('pilotlight');
}

function serializeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  return {
    type: error.name,
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    stack: error.stack,
    ...(error.cause === undefined || depth === 4
      ? {}
      : { cause: serializeError(error.cause, depth + 1) }),
  };
}
