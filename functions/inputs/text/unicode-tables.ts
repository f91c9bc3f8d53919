/** The tables of `vocabulary.json`: what the training Python takes for a word character, a space, a capital. */
export interface UnicodeTables {
  /** Sets as runs: code points to skip, code points that belong to it, to skip, to take, … */
  readonly word: readonly number[];
  readonly space: readonly number[];
  /** After one of these a capital sigma at the end of a word becomes a final one. */
  readonly cased: readonly number[];
  /** Signs that the search for such a character looks through. */
  readonly case_ignorable: readonly number[];
  /** Runs of four: skip, count, step, distance to the small form; each starts after the last one's end. */
  readonly lower: readonly number[];
  /** Code points with a small form of several, by their decimal number. */
  readonly lower_special: Readonly<Record<string, string>>;
}

/** What may be asked of a code point; each is one bit of {@link CodePoints.traits}. */
export const WORD = 1;
/** See {@link WORD}. */
export const SPACE = 2;
/** See {@link WORD}. */
export const CASED = 4;
/** See {@link WORD}. */
export const CASE_IGNORABLE = 8;
/** See {@link WORD}. */
export const CAPITAL = 16;

/** Every code point, in one version of Unicode. */
export interface CodePoints {
  /** By code point, an or of the traits above. Code points above the array's end have none. */
  readonly traits: Uint8Array;
  /** By the code point of a {@link CAPITAL}, its small form. */
  readonly small: ReadonlyMap<number, readonly number[]>;
}

const HIGHEST = 0x10ffff;

/**
 * The tables, unpacked for looking up.
 * @throws {RangeError} When a run leaves Unicode.
 */
export function unpackTables(tables: UnicodeTables): CodePoints {
  const traits = new Uint8Array(HIGHEST + 1);
  // The largest set by far, and the first: there is nothing yet that filling could overwrite.
  forEachRun(tables.word, (start, end) => traits.fill(WORD, start, end));
  const mark = (runs: readonly number[], trait: number): void =>
    forEachRun(runs, (start, end) => {
      for (let point = start; point < end; point++) traits[point] = (traits[point] ?? 0) | trait;
    });
  mark(tables.space, SPACE);
  mark(tables.cased, CASED);
  mark(tables.case_ignorable, CASE_IGNORABLE);
  const small = smallForms(tables);
  for (const point of small.keys()) traits[point] = (traits[point] ?? 0) | CAPITAL;
  return { traits, small };
}

function forEachRun(runs: readonly number[], visit: (start: number, end: number) => void): void {
  let at = 0;
  for (let index = 0; index < runs.length; index++) {
    const end = at + (runs[index] ?? 0);
    if (end > HIGHEST + 1) throw new RangeError('a run ends above the last code point');
    if (index % 2 === 1) visit(at, end);
    at = end;
  }
}

function smallForms({ lower, lower_special }: UnicodeTables): Map<number, readonly number[]> {
  const small = new Map<number, readonly number[]>();
  let at = 0;
  for (let index = 0; index + 3 < lower.length; index += 4) {
    const [skip = 0, count = 0, step = 1, distance = 0] = lower.slice(index, index + 4);
    const start = at + skip;
    const last = start + (count - 1) * step;
    if (step < 1) throw new RangeError('a run of small forms does not rise');
    if (last > HIGHEST || start + distance < 0 || last + distance > HIGHEST) {
      throw new RangeError('a small form is no code point');
    }
    for (let point = start; point <= last; point += step) small.set(point, [point + distance]);
    at = last + 1;
  }
  for (const [point, form] of Object.entries(lower_special)) {
    if (Number(point) > HIGHEST) throw new RangeError('a small form is of no code point');
    small.set(
      Number(point),
      Array.from(form, (sign) => sign.codePointAt(0) ?? 0),
    );
  }
  return small;
}
