import { expect, test } from 'vitest';
import * as z from 'zod';

import { settingsTable } from '../../../../scripts/docs/settings-table.ts';

/** The cells of a table with one setting. */
function row(name: string, schema: z.ZodType, fileSettings: string[] = []): string[] {
  const [, , line = ''] = settingsTable(z.object({ [name]: schema }), { fileSettings }).split('\n');
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

test.each<[string, z.ZodType, string[]]>([
  ['A', z.string().describe('Why'), ['`A`', 'text', '**required**', 'Why']],
  ['A', z.string().optional(), ['`A`', 'text', '–', '']],
  ['A', z.enum(['x', 'y']).default('y'), ['`A`', '`x`, `y`', '`y`', '']],
  ['A', z.coerce.number().int().min(0).max(9).default(5), ['`A`', '0 to 9', '`5`', '']],
  ['A', z.coerce.number().int().positive(), ['`A`', 'whole number above 0', '**required**', '']],
  ['A', z.coerce.number().int().min(0), ['`A`', 'whole number from 0', '**required**', '']],
  [
    'A_BYTES',
    z.int().default(10_485_760),
    ['`A_BYTES`', 'whole number', '`10485760` (10 MiB)', ''],
  ],
  ['A_BYTES', z.int().default(1536), ['`A_BYTES`', 'whole number', '`1536` (1.5 KiB)', '']],
  ['A', z.url().optional(), ['`A`', 'http(s) URL', '–', '']],
  ['A', z.string().regex(/^a$/, 'must be an a'), ['`A`', 'an a', '**required**', '']],
  ['A', z.string().optional().describe('x | y'), ['`A`', 'text', '–', String.raw`x \| y`]],
])('%s: %j', (name, schema, cells) => {
  expect(row(name, schema)).toEqual(cells);
});

test('a setting that a file can give has both names', () => {
  expect(row('SECRET', z.string(), ['SECRET'])[0]).toBe('`SECRET` or `SECRET_FILE`');
});
