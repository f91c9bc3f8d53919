/** Records of iris as lines of JSON. */
export interface FlowerLines {
  readonly text: string;
  readonly records: number;
}

/** As many flowers, each with an id, as `bytes` have room for; always the same ones. */
export function flowerLines(bytes: number): FlowerLines {
  const lines: string[] = [];
  let size = 0;
  for (let n = 0; ; n += 1) {
    const line = `${JSON.stringify(flower(n))}\n`;
    size += line.length;
    if (size > bytes) return { text: lines.join(''), records: lines.length };
    lines.push(line);
  }
}

function flower(n: number): Record<string, string | number> {
  return {
    custom_id: `flower-${n}`,
    sepal_length: 4 + (n % 40) / 10,
    sepal_width: 2 + (n % 23) / 10,
    petal_length: 1 + (n % 60) / 10,
    petal_width: (1 + (n % 25)) / 10,
  };
}
