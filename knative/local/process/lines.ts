import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';

/** A line without an end is cut here, so that a process cannot fill our memory. */
const MAX_LINE_LENGTH = 64 * 1024;

/** Calls `onLine` for each line of `stream`, without its line break, the unfinished last one too. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (rest.length > MAX_LINE_LENGTH) {
      onLine(rest);
      rest = '';
    }
  });
  stream.on('end', () => {
    rest += decoder.end();
    if (rest !== '') onLine(rest);
  });
}
