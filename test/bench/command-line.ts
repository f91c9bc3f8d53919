import { parseArgs } from 'node:util';

import { CONTESTANT_NAMES } from './contestants/contestant.ts';
import type { ContestantName } from './contestants/contestant.ts';

/** What `npm run bench` was asked for. */
export type BenchOrder =
  | ({ readonly kind: 'cold' } & Rounds & Against)
  | ({
      readonly kind: 'warm';
      readonly seconds: number;
      readonly instances: number;
      readonly connections: readonly number[];
    } & Rounds &
      Against)
  | ({ readonly kind: 'large' | 'pods' | 'jobs' } & Omit<Rounds, 'model'>)
  | ({ readonly kind: 'health'; readonly seconds: number } & Omit<Rounds, 'model'>)
  | { readonly kind: 'image'; readonly image: string }
  | { readonly kind: 'help' };

interface Against {
  /** Undefined: the usual ones. */
  readonly against: readonly ContestantName[] | undefined;
}

interface Rounds {
  readonly model: string;
  readonly runs: number;
  readonly out: string | undefined;
}

/** How it is used, for people. */
export const USAGE = `Usage: npm run bench -- cold [--model NAME] [--against A,B,…] [--runs N] [--out FILE]
       npm run bench -- warm [--model NAME] [--instances N] [--connections A,B,…] [--against A,B,…]
                             [--runs N] [--seconds S] [--out FILE]
       npm run bench -- large [--runs N] [--out FILE]
       npm run bench -- pods [--runs N] [--out FILE]
       npm run bench -- health [--runs N] [--seconds S] [--out FILE]
       npm run bench -- jobs [--runs N] [--out FILE]
       npm run bench -- image IMAGE
cold: from exec to the first 200, N starts of each program (default 15).
warm: requests per second at 1, 8, 32 and 128 connections (or --connections), N rounds (default 3) of S
  seconds (default 3).
large: as cold, with graphs of 14 and 150 MB, against the floor (default 9 starts each).
pods: from zero pods to the first 200 through the gateway, on the cluster that \`npm run deploy -- dev\` deployed to,
  against Go and FastAPI (default 10 starts each).
health: /healthz while a model of 20 ms has more to do than it can, N rounds (default 3) of S seconds
  (default 3) each.
jobs: batch jobs of iris against a plain loop and against single predictions, the protocol of a chunk, 1, 2 and 4
  workers, events through the local broker, uploads; N rounds (default 3), on MinIO too where MINIO_BIN names one.
--model: default iris. Other programs serve iris, text, image and clip as well; another is measured by itself.
--against: only these of ${CONTESTANT_NAMES.join(', ')}.
--instances: so many in each request, as a list; of text all read lists, of the others only Pilotlight.
image: compressed size by layer; IMAGE is registry/name:tag, or a folder in OCI layout.
--out writes the report as JSON; docs/PERFORMANCE.md describes it.
`;

const DEFAULT_RUNS = { cold: 15, warm: 3, large: 9, pods: 10, health: 3, jobs: 3 };
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
      against: { type: 'string' },
      runs: { type: 'string' },
      seconds: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return { kind: 'help' };
  const [kind, image, ...more] = positionals;
  const { out, model = 'iris' } = values;
  if (kind === 'image' && image !== undefined && more.length === 0) return { kind, image };
  if (image !== undefined) throw new TypeError(`"${image}" is too much`);
  if (!/^[a-z][a-z0-9-]*$/.test(model)) throw new TypeError(`"${model}" is no model's name`);
  if (kind === 'large' || kind === 'pods' || kind === 'jobs') {
    const others = ['model', 'instances', 'connections', 'seconds', 'against'] as const;
    for (const name of others) {
      if (values[name] !== undefined) throw new TypeError(`--${name}: not for ${kind}`);
    }
    return { kind, out, runs: whole('--runs', values.runs, DEFAULT_RUNS[kind]) };
  }
  const seconds = values.seconds === undefined ? 3 : Number(values.seconds);
  if (!(seconds > 0)) throw new TypeError('--seconds must be a number above 0');
  if (kind === 'health') {
    const others = ['model', 'instances', 'connections', 'against'] as const;
    for (const name of others) {
      if (values[name] !== undefined) throw new TypeError(`--${name}: not for health`);
    }
    return { kind, out, seconds, runs: whole('--runs', values.runs, DEFAULT_RUNS.health) };
  }
  if (kind === 'cold') {
    const ofWarm = ['instances', 'connections', 'seconds'] as const;
    for (const name of ofWarm) {
      if (values[name] !== undefined) throw new TypeError(`--${name}: only for warm`);
    }
    const runs = whole('--runs', values.runs, DEFAULT_RUNS.cold);
    return { kind, model, against: namesOf(values.against), out, runs };
  }
  if (kind === 'warm') {
    const instances = whole('--instances', values.instances, 1);
    return {
      kind,
      model,
      instances,
      against: namesOf(values.against),
      connections: (values.connections ?? CONNECTIONS)
        .split(',')
        .map((number) => whole('--connections', number, 1)),
      out,
      runs: whole('--runs', values.runs, DEFAULT_RUNS.warm),
      seconds,
    };
  }
  throw new TypeError('Say what to measure: cold, warm, large, health, pods, jobs, or image IMAGE');
}

function namesOf(text: string | undefined): readonly ContestantName[] | undefined {
  return text?.split(',').map((name) => {
    const known = CONTESTANT_NAMES.find((each) => each === name);
    if (known === undefined) throw new TypeError(`--against: "${name}" is no contestant`);
    return known;
  });
}

function whole(option: string, value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    throw new TypeError(`${option} must be a whole number above 0, not ${JSON.stringify(value)}`);
  }
  return number;
}
