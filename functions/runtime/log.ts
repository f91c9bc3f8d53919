import type { Config } from './config.ts';
import { createLineWriter } from './line-writer.ts';
import type { LineWriter } from './line-writer.ts';

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

type Level = 'debug' | 'info' | 'warn' | 'error';

const LEVELS = [
  'debug',
  'info',
  'warn',
  'error',
  'silent',
] as const satisfies Config['LOG_LEVEL'][];
const STDOUT = 1;

/** A log whose lines all carry `fields`. An `error` field that is an Error is written with its causes. */
export function createLog(least: Config['LOG_LEVEL'], fields: LogFields = {}): Log {
  let writer: LineWriter | undefined;

  const named = (logger: string): Log => {
    const common = members({ ...fields, logger });
    const at = (level: Level): Log[Level] => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return () => {};
      return (message, more = {}) => {
        writer ??= createLineWriter(STDOUT, (lines) =>
          lineOf('warn', common, 'log lines dropped: nobody read them', { lines }),
        );
        writer.add(lineOf(level, common, message, more));
      };
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      named,
      flush: () => writer?.flush(),
    };
  };
  return named('pilotlight');
}

/** Put together by hand: an access log writes a line per request, and `common` is always the same. */
function lineOf(level: Level, common: string, message: string, more: LogFields): string {
  const own = members(more);
  return `{"level":"${level}","timestamp":"${timestamp()}",${common}${own === '' ? '' : `,${own}`},"message":${JSON.stringify(message)}}\n`;
}

let stampedMs = 0;
let stamp = '';

/** Now. Lines of one millisecond, of which there are many, share the text. */
function timestamp(): string {
  const nowMs = Date.now();
  if (nowMs !== stampedMs) [stampedMs, stamp] = [nowMs, new Date(nowMs).toISOString()];
  return stamp;
}

/** The members of a JSON object, without its braces. */
function members(fields: LogFields): string {
  const { error } = fields;
  const written = error instanceof Error ? { ...fields, error: describe(error) } : fields;
  try {
    return JSON.stringify(written).slice(1, -1);
  } catch (cause) {
    // A circle or a bigint, on somebody's error: a log must not fail who logs.
    return `"unwritable":${JSON.stringify(String(cause))}`;
  }
}

function describe(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  return {
    type: error.name,
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    stack: error.stack,
    ...(error.cause === undefined || depth === 4
      ? {}
      : { cause: describe(error.cause, depth + 1) }),
  };
}
