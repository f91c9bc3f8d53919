import { parseArgs } from 'node:util';

import { clientOf } from './batch/address.ts';
import type { BatchClient, DeadLetterSummary } from './batch/client.ts';

const USAGE = `npm run events -- list               events that no receiver took, a line for each: name, source, id, type, why
npm run events -- replay NAME…       sends them again; they are no dead letters any more then
npm run events -- replay --all

--url URL of the function batch (BATCH_URL, else that of npm start: http://localhost:8080/batch, PORT counts),
--host NAME where a gateway goes by the host name
`;

process.stdout.on('error', () => process.exit(0));
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        all: { type: 'boolean', default: false },
        url: { type: 'string' },
        host: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
      allowPositionals: true,
    });
    const [action, ...names] = positionals;
    const isReplay = action === 'replay' && values.all !== names.length > 0;
    const isList = action === 'list' && names.length === 0 && !values.all;
    if (values.help || !(isReplay || isList)) {
      (values.help ? process.stdout : process.stderr).write(USAGE);
      return values.help ? 0 : 64;
    }
    const client = clientOf({ url: values.url, host: values.host }, process.env);
    return isList ? await list(client) : await replay(client, names);
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    return 1;
  }
}

async function list(client: BatchClient): Promise<number> {
  for (const letter of await client.deadLetters()) process.stdout.write(`${lineOf(letter)}\n`);
  return 0;
}

async function replay(client: BatchClient, names: readonly string[]): Promise<number> {
  const all = names.length > 0 ? names : (await client.deadLetters()).map(({ name }) => name);
  for (const name of all)
    process.stdout.write(`sent again: ${lineOf(await client.replay(name))}\n`);
  return 0;
}

function lineOf({ name, source, id, type, receiver, status }: DeadLetterSummary): string {
  const why = status === undefined ? '' : `  ${status} from ${receiver ?? 'its receiver'}`;
  return `${name}  ${source}  ${id}  ${type}${why}`;
}
