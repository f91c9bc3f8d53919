/** `npm run config -- explain`: the settings of each function, and where each was decided. */
import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';

import { ManifestError } from '../knative/local/manifests/manifest.ts';
import { readServices } from '../knative/local/manifests/read-services.ts';
import { renderClone } from './imported/render-clone.ts';
import { mergedSettings, type MergedSettings } from './config/merged-settings.ts';

const ROOT = join(import.meta.dirname, '..');
const OVERLAYS = join(ROOT, 'knative', 'overlays');
const USAGE = `Usage: npm run config -- explain [SERVICE...] [--overlay NAME]

Prints every setting of each Service's function: its value, and where that was decided. From weak to strong:
default, knative/base/config.yaml, the overlay's config.yaml, the Service's own env, and under \`npm start\`
the environment it is started with. Secrets are hidden.

  --overlay NAME   a folder of knative/overlays, or a path (default: dev)

Exit codes: 0 done; 64 wrong usage; 78 wrong settings.
`;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const command = commandIn(argv);
  if (command === undefined) {
    process.stderr.write(USAGE);
    return 64;
  }
  if (command.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    return await explain(command);
  } catch (cause) {
    if (!(cause instanceof ManifestError)) throw cause;
    process.stderr.write(`${cause.message}\n`);
    return 78;
  }
}

interface Command {
  readonly services: readonly string[];
  readonly overlay: string;
  readonly help: boolean;
}

function commandIn(argv: readonly string[]): Command | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        overlay: { type: 'string', default: 'dev' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [action, ...services] = positionals;
    const { overlay, help } = values;
    if (action !== 'explain' && !help) return undefined;
    const isPath = isAbsolute(overlay) || overlay.includes('/');
    return { services, overlay: isPath ? overlay : join(OVERLAYS, overlay), help };
  } catch {
    return undefined;
  }
}

async function explain({ services, overlay }: Command): Promise<number> {
  const readings = readServices(await renderClone(ROOT, overlay, process.env));
  const names = readings.map(({ service }) => service.name);
  const unknown = services.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(
      `No such Service: ${unknown.join(', ')}. There are: ${names.join(', ')}\n`,
    );
    return 64;
  }
  let isSound = true;
  for (const reading of readings) {
    const { name } = reading.service;
    if (services.length > 0 && !services.includes(name)) continue;
    const merged = mergedSettings(reading, process.env);
    process.stdout.write(`${name}\n${table(merged)}\n`);
    for (const fault of merged.faults) process.stderr.write(`${name}: ${fault}\n`);
    isSound &&= merged.faults.length === 0;
  }
  return isSound ? 0 : 78;
}

function table({ settings }: MergedSettings): string {
  const width = (texts: readonly string[]): number => Math.max(...texts.map((text) => text.length));
  const names = width(settings.map(({ name }) => name));
  const values = width(settings.map(({ value }) => value));
  return settings
    .map(
      ({ name, value, source }) => `  ${name.padEnd(names)}  ${value.padEnd(values)}  ${source}\n`,
    )
    .join('');
}
