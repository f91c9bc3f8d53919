/** No node: a walk that came here has left the tree. */
export const NOWHERE = -1;
/** Where every walk starts. */
export const ROOT = 0;

/** Terms by their code points, one step each: finding n-grams makes no strings. */
export interface TermTree {
  /** The node one code point further, or {@link NOWHERE}. */
  step(node: number, point: number): number;
  /** The column of the term that ends at a node, or {@link NOWHERE}. */
  columnAt(node: number): number;
}

/**
 * A tree of terms; a term's place in the list is its column.
 * @throws {TypeError} When a term is empty or there twice.
 */
export function growTree(terms: readonly string[]): TermTree {
  const length = terms.reduce((sum, term) => sum + term.length, 0);
  const symbols = numberSymbols(terms);
  const edges = createEdges(length, symbols.size + 1);
  const columns = new Int32Array(length + 1).fill(NOWHERE);
  let nodes = 1;
  for (const [column, term] of terms.entries()) {
    let node = ROOT;
    for (let at = 0; at < term.length; at++) {
      const point = term.codePointAt(at) ?? 0;
      if (point > 0xffff) at++;
      node = edges.follow(node, symbols.of(point), nodes);
      if (node === nodes) nodes++;
    }
    if (columns[node] !== NOWHERE || node === ROOT) {
      throw new TypeError(`the term ${JSON.stringify(term)} is empty or there twice`);
    }
    columns[node] = column;
  }
  return {
    step(node, point) {
      const symbol = symbols.of(point);
      return symbol === 0 ? NOWHERE : edges.get(node, symbol);
    },
    columnAt: (node) => columns[node] ?? NOWHERE,
  };
}

/** Numbers the code points of all terms from 1; any other is 0. */
function numberSymbols(terms: readonly string[]) {
  const low = new Uint16Array(0x1_00_00);
  const high = new Map<number, number>();
  const of = (point: number): number => low[point] ?? high.get(point) ?? 0;
  // With something between them: halves of two terms must not meet as a pair.
  const all = terms.join('\n');
  let size = 0;
  for (let at = 0; at < all.length; at++) {
    const point = all.codePointAt(at) ?? 0;
    if (point > 0xffff) at++;
    if (of(point) !== 0) continue;
    size++;
    if (point < low.length) low[point] = size;
    else high.set(point, size);
  }
  return { of, size };
}

/**
 * A hash table with open addresses: a megabyte of text takes millions of steps, and each takes a `Map` of
 * numbers three times as long.
 */
function createEdges(most: number, width: number) {
  const bits = Math.max(4, Math.ceil(Math.log2(2 * most + 1)));
  const mask = 2 ** bits - 1;
  // Node × width + symbol, which is never 0, as no symbol is.
  const keys = new Float64Array(mask + 1);
  const targets = new Int32Array(mask + 1);
  const slotOf = (key: number): number => {
    let slot = Math.imul(key, 0x9e3779b1) >>> (32 - bits);
    while (keys[slot] !== key && keys[slot] !== 0) slot = (slot + 1) & mask;
    return slot;
  };
  return {
    get(node: number, symbol: number): number {
      const slot = slotOf(node * width + symbol);
      return keys[slot] === 0 ? NOWHERE : (targets[slot] ?? NOWHERE);
    },
    /** Where the edge leads; to `otherwise` when there was none. */
    follow(node: number, symbol: number, otherwise: number): number {
      const key = node * width + symbol;
      const slot = slotOf(key);
      if (keys[slot] === 0) {
        keys[slot] = key;
        targets[slot] = otherwise;
      }
      return targets[slot] ?? NOWHERE;
    },
  };
}
