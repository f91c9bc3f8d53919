import { crc32 } from 'node:zlib';

/** An event in a broker. */
export interface StoredEvent {
  /** Its place in the broker's order. */
  readonly number: number;
  /** Names and values, without data. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly contentType: string | undefined;
  readonly data: Buffer | undefined;
  /** How many hops it has left: `knativebrokerttl`. */
  readonly ttl: number;
  /** Headers that brokers pass on. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One line of a broker's log. */
export type LogRecord =
  | { readonly kind: 'event'; readonly event: StoredEvent; readonly to: readonly string[] }
  | { readonly kind: 'done'; readonly number: number; readonly trigger: string };

/** A record as a line: checksum, space, JSON. */
export function writeRecord(record: LogRecord): string {
  const value =
    record.kind === 'done'
      ? { done: record.number, trigger: record.trigger }
      : { ...record.event, data: record.event.data?.toString('base64'), to: record.to };
  const json = JSON.stringify(value);
  return `${checksum(json)} ${json}\n`;
}

/** The record of a line; `undefined` when a crash cut it off. */
export function readRecord(line: string): LogRecord | undefined {
  const json = line.slice(9);
  if (line.slice(0, 8) !== checksum(json)) return undefined;
  const value = JSON.parse(json) as
    | { done: number; trigger: string }
    | (Omit<StoredEvent, 'data'> & { data?: string; to: string[] });
  if ('done' in value) return { kind: 'done', number: value.done, trigger: value.trigger };
  const { to, data, ...event } = value;
  const bytes = data === undefined ? undefined : Buffer.from(data, 'base64');
  return {
    kind: 'event',
    event: { ...event, contentType: event.contentType, data: bytes },
    to,
  };
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
