import { parseArgs } from 'node:util';

/** What `npm run bench` was asked for. */
export type BenchOrder =
  | { readonly kind: 'cold'; readonly runs: number; readonly out: string | undefined }
  | {
      readonly kind: 'warm';
      readonly runs: number;
      readonly seconds: number;
      readonly out: string | undefined;
    }
  | { readonly kind: 'image'; readonly image: string };

/** How it is used, for people. */
export const USAGE = `Usage: npm run bench -- cold [--runs N] [--out FILE]
       npm run bench -- warm [--runs N] [--seconds S] [--out FILE]
       npm run bench -- image IMAGE
cold: from exec to the first 200, N starts of each program (default 15).
warm: requests per second at 1, 8, 32 and 128 connections, N rounds (default 3) of S seconds (default 3).
image: compressed size by layer; IMAGE is registry/name:tag, or a folder in OCI layout.
--out writes the report as JSON; docs/PERFORMANCE.md describes it.
`;

const DEFAULT_RUNS = { cold: 15, warm: 3 };

/**
 * Reads the arguments.
 * @throws {TypeError} When they make no sense; the message says why.
 */
export function parseOrder(args: readonly string[]): BenchOrder {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      seconds: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const [kind, image, ...more] = positionals;
  const { out } = values;
  if (kind === 'image' && image !== undefined && more.length === 0) return { kind, image };
  if (image !== undefined) throw new TypeError(`"${image}" is too much`);
  if (kind === 'cold') return { kind, out, runs: whole('--runs', values.runs, DEFAULT_RUNS.cold) };
  if (kind === 'warm') {
    const seconds = values.seconds === undefined ? 3 : Number(values.seconds);
    if (!(seconds > 0)) throw new TypeError('--seconds must be a number above 0');
    return { kind, out, runs: whole('--runs', values.runs, DEFAULT_RUNS.warm), seconds };
  }
  throw new TypeError('Say what to measure: cold, warm, or image IMAGE');
}

function whole(option: string, value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    throw new TypeError(`${option} must be a whole number above 0, not ${JSON.stringify(value)}`);
  }
  return number;
}
