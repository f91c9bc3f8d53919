/** A request's JSON without its longest lists of numbers. */
export interface CutJson {
  /** The JSON, with a mark in place of each list. */
  readonly text: string;
  /** By mark. */
  readonly lists: ReadonlyMap<string, CutList>;
}

/**
 * One list, in pieces: what lies between its brackets, cut at some of its commas. When each piece is by
 * itself the inside of a list, all of them together are the list; when one is not, the list is no JSON, or
 * nested as no tensor is.
 */
export type CutList = readonly Buffer[];

interface Span {
  /** Where its brackets are. */
  readonly start: number;
  readonly end: number;
  /** Where its cut commas are. */
  readonly cuts: readonly number[];
}

const KEY = Buffer.from('"data"');
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const CLOSE_OBJECT = 0x7d;

/**
 * Takes the lists of numbers that keys `data` name and that are longer than `pieceBytes` out of a JSON text,
 * so that they can be parsed piece by piece. It finds them by their first and last characters, which takes a
 * thousandth of the time of parsing: who reads the result must see to it that each mark is found where a list
 * is expected, or else read the text as a whole.
 * @param mark Stands in the JSON for the list of that number, as a text that no client can guess.
 */
export function cutJson(
  json: Buffer,
  pieceBytes: number,
  mark: (index: number) => string,
): CutJson {
  const lists = new Map<string, CutList>();
  const texts: string[] = [];
  let from = 0;
  for (const [index, span] of findLists(json, pieceBytes).entries()) {
    const name = mark(index);
    texts.push(json.toString('utf8', from, span.start), JSON.stringify(name));
    lists.set(name, piecesOf(json, span));
    from = span.end + 1;
  }
  texts.push(json.toString('utf8', from));
  return { text: texts.join(''), lists };
}

function piecesOf(json: Buffer, { start, end, cuts }: Span): CutList {
  const edges = [...cuts, end];
  return edges.map((edge, index) => json.subarray((edges[index - 1] ?? start) + 1, edge));
}

function findLists(json: Buffer, pieceBytes: number): Span[] {
  const spans: Span[] = [];
  let key = json.indexOf(KEY);
  while (key !== -1) {
    let next = key + KEY.length;
    const colon = skipSpace(json, next);
    const start = skipSpace(json, colon + 1);
    if (json[colon] === COLON && json[start] === OPEN) {
      const end = endOfNumbers(json, start);
      if (end - start > pieceBytes) {
        spans.push({ start, end, cuts: cutsOf(json, start, end, pieceBytes) });
        next = end;
      }
    }
    key = json.indexOf(KEY, next);
  }
  return spans;
}

/**
 * The closing bracket of a list of numbers: the last one before the next text or the object's end, which
 * follows at once, or after a comma. -1 for any other list.
 */
function endOfNumbers(json: Buffer, start: number): number {
  const quote = json.indexOf(QUOTE, start);
  const part = json.subarray(start, quote === -1 ? json.length : quote);
  const brace = part.indexOf(CLOSE_OBJECT);
  const last = part.lastIndexOf(CLOSE, brace === -1 ? part.length : brace);
  if (last === -1) return -1;
  const after = skipSpace(json, start + last + 1);
  const isEnd =
    json[after] === CLOSE_OBJECT || (json[after] === COMMA && skipSpace(json, after + 1) === quote);
  return isEnd ? start + last : -1;
}

/** Commas between the list's own elements: in a nested one, those behind as many brackets as rows end with. */
function cutsOf(json: Buffer, start: number, end: number, pieceBytes: number): number[] {
  let depth = 0;
  for (let at = start; json[at] === OPEN; at = skipSpace(json, at + 1)) depth += 1;
  const cuts: number[] = [];
  let at = start + pieceBytes;
  while (at < end) {
    const comma = depth === 1 ? json.indexOf(COMMA, at) : commaBehind(json, at, depth - 1);
    if (comma === -1 || comma >= end) break;
    cuts.push(comma);
    at = comma + pieceBytes;
  }
  return cuts;
}

function commaBehind(json: Buffer, from: number, brackets: number): number {
  for (let close = json.indexOf(CLOSE, from); close !== -1; close = json.indexOf(CLOSE, close)) {
    let count = 0;
    for (; json[close] === CLOSE; close = skipSpace(json, close + 1)) count += 1;
    if (json[close] === COMMA && count === brackets) return close;
  }
  return -1;
}

/** The first place from `at` on that is no space. */
function skipSpace(json: Buffer, at: number): number {
  let place = at;
  while (place < json.length && (json[place] ?? 0) <= SPACE) place += 1;
  return place;
}
