import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { EventingSpec } from '../knative/local/manifests/eventing-spec.ts';
import { readEventing } from '../knative/local/manifests/read-eventing.ts';
import { readServices, type ServiceSpec } from '../knative/local/manifests/read-services.ts';
import { runFolder } from '../knative/local/run-folder.ts';
import type { S3Access } from '../knative/local/storage.ts';
import { buildFunction } from './build/build-function.ts';
import { bundleRuntime, functionOf } from './start/function-runtime.ts';
import { renderClone } from './imported/render-clone.ts';
import { modelFolders } from './models/package-folders.ts';
import { effectsTable, type ObjectEffects, startupLines } from './start/messages.ts';
import { publishPackages } from './start/publish-packages.ts';
import { serve } from './start/serve.ts';
import { startSettings } from './start/settings.ts';
import { WatchedRuntime } from './start/watched-runtime.ts';
import { watchClone } from './start/watch.ts';

const USAGE = `npm start                        everything on this machine, from the manifests in knative/
npm start -- --explain           what each manifest field does here, and stop
npm start -- --overlay <folder>  another overlay than knative/overlays/dev
npm start -- --watch             takes over changes of code, models and manifests as new revisions

PORT (8080), S3_PORT (9000), PILOTLIGHT_DATA (.pilotlight); S3_ENDPOINT with AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY uses that object store in place of the local one.
`;
/** What the manifests say. */
interface ClusterReading {
  readonly services: readonly ServiceSpec[];
  readonly eventing: EventingSpec;
  readonly effects: readonly ObjectEffects[];
}

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
      watch: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (args.help) return void process.stdout.write(USAGE);
  const read = async (): Promise<ClusterReading> => {
    const manifests = await renderClone(ROOT, args.overlay, process.env);
    const readings = readServices(manifests);
    const services = readings.map(({ service }) => service);
    const eventing = readEventing(manifests, services);
    const named = readings.map(({ service, effects }) => ({ object: service.name, effects }));
    return { services, eventing: eventing.spec, effects: [...named, ...eventing.effects] };
  };
  const { services, eventing, effects } = await read();
  if (args.explain) return void process.stdout.write(effectsTable(effects));
  const settings = startSettings(process.env, ROOT);
  const folders = modelFolders(ROOT, process.env);
  const publish = (s3: S3Access): Promise<void> =>
    publishPackages({
      folders,
      s3,
      bucket: 'models',
      dataDir: 'endpoint' in settings.s3 ? undefined : settings.dataDir,
    });
  const watched = args.watch
    ? new WatchedRuntime(join(runFolder(settings.dataDir), 'code'))
    : undefined;
  await serve({
    services,
    eventing,
    settings,
    runtime: watched ?? bundleRuntime,
    async prepare(s3) {
      await publish(s3);
      // Now, so that a bundle that does not build is said at once and the first request need not wait.
      for (const service of services) {
        const name = functionOf(service);
        await (watched === undefined ? buildFunction(name) : watched.refresh(name));
      }
    },
    greet: (status) => startupLines(status, join(ROOT, 'functions'), args.watch),
    ...(watched !== undefined && {
      watch: (standIn) =>
        watchClone(standIn, {
          root: ROOT,
          others: [args.overlay, ...folders],
          runtime: watched,
          read: async () => {
            const now = await read();
            await standIn.updateEventing(now.eventing);
            return now.services;
          },
          publish: () => publish(standIn.s3),
        }),
    }),
  });
}
