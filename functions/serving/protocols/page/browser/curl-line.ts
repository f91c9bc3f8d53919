import { quoteShell } from './quote-shell.ts';
import type { PageRequest, Part } from './request-of.ts';

/** Longer texts are not for a command line: they come from a file. */
const MAX_TEXT = 4000;

/** Whose content is the body, where that is too long for the command. */
export const BODY_FILE = 'input.txt';

/** The command that sends the same request, for a POSIX shell. Files are named as they were chosen. */
export function curlLine(
  root: string,
  { target, contentType, body, deadlineMs }: PageRequest,
): string {
  const words = [
    `curl -s ${quoteShell(root + target)}`,
    ...(contentType === undefined ? [] : [`-H ${quoteShell(`content-type: ${contentType}`)}`]),
    ...(deadlineMs === 0 ? [] : [`-H ${quoteShell(`x-request-timeout-ms: ${deadlineMs}`)}`]),
    ...bodyWords(body),
  ];
  return words.join(' \\\n  ');
}

function bodyWords(body: PageRequest['body']): string[] {
  if (typeof body === 'string') {
    // --data-raw, as --data would read what begins with "@" from a file of that name.
    return body.length > MAX_TEXT
      ? [`--data-binary @${BODY_FILE}`]
      : [`--data-raw ${quoteShell(body)}`];
  }
  if (body instanceof File) return [`--data-binary ${quoteShell(`@${body.name}`)}`];
  return body.map(partWord);
}

function partWord([name, value]: Part): string {
  // -F would take "@", "<" and ";type=" in a text as its own.
  if (!(value instanceof File)) return `--form-string ${quoteShell(`${name}=${value}`)}`;
  const isPlain = /^[\w.-]+$/.test(value.name);
  const file = isPlain ? value.name : `"${value.name.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  return `-F ${quoteShell(`${name}=@${file}`)}`;
}
