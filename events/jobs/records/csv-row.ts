/**
 * The fields of one row (RFC 4180). A quote inside a field that does not begin with one is a character
 * like any other; doubled quotes inside a quoted field are one.
 * @throws {SyntaxError} When a quoted field does not end, or goes on behind its closing quote.
 */
export function csvFields(row: string, delimiter: string): string[] {
  if (!row.includes('"')) return row.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (row[at] !== '"') {
      const next = row.indexOf(delimiter, at);
      if (next === -1) return [...fields, row.slice(at)];
      fields.push(row.slice(at, next));
      at = next + 1;
      continue;
    }
    const { field, behind } = quotedField(row, at);
    fields.push(field);
    if (behind === row.length) return fields;
    if (row[behind] !== delimiter) {
      throw new SyntaxError(`field ${fields.length} goes on behind its closing quote`);
    }
    at = behind + 1;
  }
}

/** The field whose opening quote is at `start`, and where what follows begins. */
function quotedField(row: string, start: number): { field: string; behind: number } {
  let at = start + 1;
  for (;;) {
    const quote = row.indexOf('"', at);
    if (quote === -1) throw new SyntaxError('a quoted field does not end');
    if (row[quote + 1] !== '"') {
      return { field: row.slice(start + 1, quote).replaceAll('""', '"'), behind: quote + 1 };
    }
    at = quote + 2;
  }
}
