import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the clone. */
export const ROOT = join(import.meta.dirname, '../../..');

/** A page of the clone. */
export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The rows of the first table under a head that begins with `firstColumn`, each by column name. */
export function tableRows(page: string, firstColumn: string): Record<string, string>[] {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${firstColumn} |`));
  if (start === -1) throw new Error(`The page has no table that begins with "${firstColumn}"`);
  const names = cells(lines[start] ?? '');
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines
    .slice(start + 2, end === -1 ? undefined : end)
    .map((line) =>
      Object.fromEntries(cells(line).map((cell, index) => [names[index] ?? '?', cell])),
    );
}

function cells(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('`', ''));
}

/** One fenced block of code. */
export interface Fence {
  readonly language: string;
  readonly text: string;
  /** Where it begins in the page, from 1. */
  readonly line: number;
}

/** The fenced blocks of a page, in order. */
export function fences(page: string): Fence[] {
  const found: Fence[] = [];
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of page.split('\n').entries()) {
    const mark = /^```(\S*)/.exec(line);
    if (open === undefined) {
      if (mark) open = { language: mark[1] ?? '', line: index + 1, lines: [] };
    } else if (mark) {
      found.push({ language: open.language, line: open.line, text: open.lines.join('\n') });
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  return found;
}

/** The page without its fenced blocks and without code in the text. */
export function proseOf(page: string): string {
  return page
    .replaceAll(/^```[^]*?^```/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => '_'.repeat(code.length));
}
