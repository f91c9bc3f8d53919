import { parseArgs } from 'node:util';

/** What `npm run bench` was asked for. */
export type BenchOrder =
  | ({ readonly kind: 'cold' } & Rounds)
  | ({
      readonly kind: 'warm';
      readonly seconds: number;
      readonly instances: number;
      readonly connections: readonly number[];
    } & Rounds)
  | ({ readonly kind: 'large' } & Omit<Rounds, 'model'>)
  | { readonly kind: 'image'; readonly image: string };

interface Rounds {
  readonly model: string;
  readonly runs: number;
  readonly out: string | undefined;
}

/** How it is used, for people. */
export const USAGE = `Usage: npm run bench -- cold [--model NAME] [--runs N] [--out FILE]
       npm run bench -- warm [--model NAME] [--instances N] [--connections A,B,…] [--runs N] [--seconds S]
                             [--out FILE]
       npm run bench -- large [--runs N] [--out FILE]
       npm run bench -- image IMAGE
cold: from exec to the first 200, N starts of each program (default 15).
warm: requests per second at 1, 8, 32 and 128 connections (or --connections), N rounds (default 3) of S
  seconds (default 3).
large: as cold, with graphs of 14 and 150 MB, against the floor (default 9 starts each).
--model: default iris, which other programs serve as well; another is measured by itself.
--instances: so many in each request, as a list; only Pilotlight reads lists.
image: compressed size by layer; IMAGE is registry/name:tag, or a folder in OCI layout.
--out writes the report as JSON; docs/PERFORMANCE.md describes it.
`;

const DEFAULT_RUNS = { cold: 15, warm: 3, large: 9 };
const CONNECTIONS = '1,8,32,128';

/**
 * Reads the arguments.
 * @throws {TypeError} When they make no sense; the message says why.
 */
export function parseOrder(args: readonly string[]): BenchOrder {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      instances: { type: 'string' },
      connections: { type: 'string' },
      runs: { type: 'string' },
      seconds: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const [kind, image, ...more] = positionals;
  const { out, model = 'iris' } = values;
  if (kind === 'image' && image !== undefined && more.length === 0) return { kind, image };
  if (image !== undefined) throw new TypeError(`"${image}" is too much`);
  if (!/^[a-z][a-z0-9-]*$/.test(model)) throw new TypeError(`"${model}" is no model's name`);
  if (kind === 'large') {
    const others = ['model', 'instances', 'connections', 'seconds'] as const;
    for (const name of others) {
      if (values[name] !== undefined) throw new TypeError(`--${name}: not for large`);
    }
    return { kind, out, runs: whole('--runs', values.runs, DEFAULT_RUNS.large) };
  }
  if (kind === 'cold') {
    const ofWarm = ['instances', 'connections', 'seconds'] as const;
    for (const name of ofWarm) {
      if (values[name] !== undefined) throw new TypeError(`--${name}: only for warm`);
    }
    return { kind, model, out, runs: whole('--runs', values.runs, DEFAULT_RUNS.cold) };
  }
  if (kind === 'warm') {
    const instances = whole('--instances', values.instances, 1);
    const seconds = values.seconds === undefined ? 3 : Number(values.seconds);
    if (!(seconds > 0)) throw new TypeError('--seconds must be a number above 0');
    return {
      kind,
      model,
      instances,
      connections: (values.connections ?? CONNECTIONS)
        .split(',')
        .map((number) => whole('--connections', number, 1)),
      out,
      runs: whole('--runs', values.runs, DEFAULT_RUNS.warm),
      seconds,
    };
  }
  throw new TypeError('Say what to measure: cold, warm, large, or image IMAGE');
}

function whole(option: string, value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    throw new TypeError(`${option} must be a whole number above 0, not ${JSON.stringify(value)}`);
  }
  return number;
}
