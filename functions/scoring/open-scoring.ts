import { hostname } from 'node:os';
import { extname } from 'node:path/posix';
import { setTimeout as delay } from 'node:timers/promises';

import type * as z from 'zod';

import type { JobContext } from '../../events/jobs/job-context.ts';
import { runChunk } from '../../events/jobs/run-chunk.ts';
import { publish } from '../../events/publish.ts';
import { chunkRequestedData } from '../../events/schemas/jobs.ts';
import { objectCreatedData } from '../../events/schemas/objects.ts';
import { EVENT_TYPES } from '../../events/types.ts';
import type { ReceivedEvent } from '../../events/wire/received-event.ts';
import { parseJson } from '../inputs/parse-json.ts';
import { validate } from '../inputs/validate.ts';
import { ForbiddenError, InvalidRequestError } from '../runtime/errors.ts';
import type { ObjectStore } from '../runtime/object-store/object-store.ts';
import type { EventWorker } from '../serving/event-work.ts';
import type { ModelService } from '../serving/service.ts';
import { PinnedModels } from './pinned-models.ts';
import type { PinnedModelsOptions } from './pinned-models.ts';
import { readsFile } from './read-record.ts';
import { chunkScorer } from './score-chunk.ts';
import { scoreUpload } from './score-upload.ts';
import type { UploadScoring } from './score-upload.ts';

/** What scoring takes from its process. */
export interface ScoringHost {
  readonly own: ModelService;
  /** The tenant's data bucket. */
  readonly bucket: string;
  readonly openStore: (bucket: string) => ObjectStore;
  readonly openVersion: PinnedModelsOptions['openVersion'];
  readonly warn: JobContext['warn'];
}

/** START HERE. Scores chunks of batch jobs, and uploads, as their events come. */
export function openScoring(host: ScoringHost): EventWorker {
  const { own, bucket, openStore, openVersion, warn } = host;
  const { config } = own;
  const store = openStore(bucket);
  const models = new PinnedModels({ own, models: openStore(config.MODELS_BUCKET), openVersion });
  const context: JobContext = {
    store,
    async publish(event) {
      const { K_SINK: url } = config;
      if (url === undefined) throw new Error('There is no broker: K_SINK');
      await publish(event, { url, attempts: PUBLISH_ATTEMPTS });
    },
    nonce: () => crypto.randomUUID(),
    now: () => Date.now(),
    wait: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
    warn,
  };
  const timeoutMs = config.INFERENCE_TIMEOUT_MS;
  const score = chunkScorer({
    store,
    use: (model, signal) => models.use(model, signal),
    timeoutMs,
  });
  const owner = `${hostname()}/${process.pid}`;
  const uploads: UploadScoring = {
    context,
    tenant: config.TENANT,
    model: modelOf(own),
    // An upload is scored with what is served now.
    score: chunkScorer({ store, use: async () => ({ service: own, done() {} }), timeoutMs }),
    owner,
    formatOf: (key) => formatOf(own, key),
    maxFileBytes: maxFileBytesOf(own),
  };
  return {
    async take(event, signal) {
      const { type } = event.event;
      if (type === EVENT_TYPES.objectCreated) {
        await scoreUpload(uploads, dataOf(objectCreatedData, event), signal);
        return;
      }
      if (type !== EVENT_TYPES.chunkRequested) {
        throw new InvalidRequestError(
          `Events of the type ${JSON.stringify(type)} are not taken here`,
        );
      }
      const { jobId, tenant, chunk } = dataOf(chunkRequestedData, event);
      if (tenant !== config.TENANT) {
        throw new ForbiddenError(`This is the tenant ${config.TENANT}`);
      }
      await runChunk(context, { jobId, chunk }, score, { owner, signal });
    },
  };
}

const PUBLISH_ATTEMPTS = 3;

function dataOf<T>(schema: z.ZodType<T>, { bytes = Buffer.alloc(0) }: ReceivedEvent): T {
  return validate(schema, parseJson(bytes), 'The data of the event');
}

function modelOf({ model: { manifest, digest } }: ModelService): UploadScoring['model'] {
  const { name, version } = manifest;
  return { name, version: String(version), digest: `sha256:${digest}` };
}

/** Lines and rows are records, unless a model takes a whole table as one: a signal, with a column of times. */
function formatOf(
  { definition }: ModelService,
  key: string,
): ReturnType<UploadScoring['formatOf']> {
  const suffix = extname(key).toLowerCase();
  if (suffix === '.jsonl') return 'jsonl';
  return suffix === '.csv' && !readsFile(definition, suffix) ? 'csv' : 'files';
}

/** What a job's record may have at most. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** A file may be as large as the body of a request that is read as it is. */
function maxFileBytesOf({ definition, config }: ModelService): number {
  const own = (definition.endpoints ?? []).map(({ maxBodyBytes = 0 }) => maxBodyBytes);
  return Math.min(Math.max(config.MAX_BODY_BYTES, ...own), MAX_FILE_BYTES);
}
