import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { readServices } from '../knative/local/manifests/read-services.ts';
import { renderOverlay } from '../knative/local/manifests/render-overlay.ts';
import { bundleRuntime } from './start/function-runtime.ts';
import { effectsTable, startupLines } from './start/messages.ts';
import { publishPackages } from './start/publish-packages.ts';
import { serve } from './start/serve.ts';
import { startSettings } from './start/settings.ts';

const USAGE = `npm start                        everything on this machine, from the manifests in knative/
npm start -- --explain           what each manifest field does here, and stop
npm start -- --overlay <folder>  another overlay than knative/overlays/dev

PORT (8080), S3_PORT (9000), PILOTLIGHT_DATA (.pilotlight); S3_ENDPOINT with AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY uses that object store in place of the local one.
`;
const ROOT = join(import.meta.dirname, '..');

// A reader that goes away (npm start | head) is no reason to stop.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

try {
  await main(process.argv.slice(2));
} catch (cause) {
  process.stderr.write(`${(cause as Error).message}\n`);
  process.exitCode = 1;
}

async function main(argv: readonly string[]): Promise<void> {
  const { values: args } = parseArgs({
    args: [...argv],
    options: {
      explain: { type: 'boolean', default: false },
      overlay: { type: 'string', default: join(ROOT, 'knative', 'overlays', 'dev') },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (args.help) return void process.stdout.write(USAGE);
  const readings = readServices(await renderOverlay(args.overlay));
  if (args.explain) return void process.stdout.write(effectsTable(readings));
  const settings = startSettings(process.env, ROOT);
  const services = readings.map(({ service }) => service);
  await serve({
    services,
    settings,
    runtime: bundleRuntime,
    async prepare(s3) {
      const dataDir = 'endpoint' in settings.s3 ? undefined : settings.dataDir;
      await publishPackages({ modelsDir: join(ROOT, 'models'), s3, bucket: 'models', dataDir });
      // Now, so that a bundle that does not build is said at once and the first request need not wait.
      for (const { name, template } of services) {
        await bundleRuntime.programFor({ service: name, env: template.env });
      }
    },
    greet: (status) => startupLines(status, join(ROOT, 'functions')),
  });
}
