import type { Datatype, Tensor } from '../../../runtime/tensor.ts';

/** Whether elements of a datatype can be ranked as scores. */
export function canClassify(datatype: Datatype): boolean {
  return datatype !== 'BOOL' && datatype !== 'BYTES';
}

/**
 * The `count` highest scores of each row as texts `<score>:<index>[:<label>]`, best first; of equal scores
 * the first.
 * https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_classification.md
 * @param isBatched Whether the first axis is rows; else the whole tensor is one.
 * @param labels Names of the classes; left out when there is not one for each.
 */
export function classify(
  tensor: Tensor,
  count: number,
  isBatched: boolean,
  labels: readonly string[],
): Tensor {
  const scores = scoresOf(tensor);
  const rows = isBatched ? (tensor.shape[0] ?? 1) : 1;
  const perRow = rows === 0 ? 0 : scores.length / rows;
  const taken = Math.min(count, perRow);
  const named = labels.length === perRow;
  const data: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    const from = row * perRow;
    for (const index of highest(scores.slice(from, from + perRow), taken)) {
      const score = scores[from + index] as number | bigint;
      const label = named ? `:${labels[index] ?? ''}` : '';
      data.push(`${scoreText(tensor.datatype, score)}:${index}${label}`);
    }
  }
  return { datatype: 'BYTES', shape: isBatched ? [rows, taken] : [taken], data };
}

function scoresOf({ datatype, data }: Tensor): (number | bigint)[] {
  const numbers = data as Exclude<Tensor['data'], readonly string[]>;
  return datatype === 'FP16'
    ? Array.from(new Float16Array(numbers.slice().buffer))
    : Array.from<number | bigint>(numbers);
}

/** Indices of the `count` highest of a row; what is not a number comes last. */
function highest(row: readonly (number | bigint)[], count: number): number[] {
  const order = (left: number, right: number): number => {
    const [a, b] = [row[left] as number | bigint, row[right] as number | bigint];
    if (Number.isNaN(a) || Number.isNaN(b))
      return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a < b ? 1 : a > b ? -1 : 0;
  };
  return [...row.keys()].toSorted(order).slice(0, count);
}

/** The shortest text that is this number: of FP32, not the digits that only 64 bits have. */
function scoreText(datatype: Datatype, score: number | bigint): string {
  if (datatype !== 'FP32') return String(score);
  const value = Number(score);
  // Nine digits tell any two numbers of 32 bits apart.
  const texts = [6, 7, 8, 9].map((digits) => String(Number(value.toPrecision(digits))));
  return texts.find((text) => Math.fround(Number(text)) === value) ?? String(value);
}
