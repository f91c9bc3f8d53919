import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { jobLayout } from '../../../events/jobs/layout.ts';
import { uploadJobLayout, uploadLayout } from '../../../events/uploads/layout.ts';
import type { UploadLayout } from '../../../events/uploads/layout.ts';
import { uploadJobId } from '../../../events/uploads/upload.ts';
import type { Upload } from '../../../events/uploads/upload.ts';
import { startFaultPlace } from '../../support/jobs/fault-place.ts';
import type { FaultPlace } from '../../support/jobs/fault-place.ts';
import {
  outcomeOf,
  predictedLines,
  putUpload,
  tellUpload,
} from '../../support/jobs/fault-upload.ts';
import type { StoreFate, StoreStep } from '../../support/jobs/store-proxy.ts';

const MINUTES = 60_000;
const FLOWER = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
/** More than one chunk; twice as many have an output that is put in parts. */
const MANY = 60_000;

const isLong = process.env['FAULT_PROCESSES'] === '1';

/** A step of an upload at which all processes of a Service are killed with SIGKILL, or an answer gets lost. */
interface Point {
  readonly name: string;
  readonly dies?: 'iris-batch' | 'batch';
  readonly records: number;
  /** Only `npm run test:faults` takes the time. */
  readonly isLong?: boolean;
  /** What the dead process held has to run out first. */
  readonly isHeld?: boolean;
  readonly isThere: (step: StoreStep, upload: Upload) => boolean;
}

const put =
  (when: StoreStep['when'], keyOf: (layout: UploadLayout) => string): Point['isThere'] =>
  (step, upload) =>
    step.method === 'PUT' && step.when === when && step.key === keyOf(uploadLayout(upload));
const putOfJob =
  (when: StoreStep['when'], keyOf: (jobId: string) => string): Point['isThere'] =>
  (step, upload) =>
    step.method === 'PUT' && step.when === when && step.key === keyOf(uploadJobId(upload));
const reads: Point['isThere'] = ({ method, key, when }, upload) =>
  method === 'GET' && when === 'after' && key === upload.key;

const small = { dies: 'iris-batch', records: 3 } as const;
const bad = { dies: 'iris-batch', records: 0 } as const;
const held = { ...small, isLong: true, isHeld: true } as const;
const large = { records: MANY, isLong: true } as const;

const POINTS: readonly Point[] = [
  { name: 'before it is claimed', ...small, isThere: put('before', ({ claim }) => claim) },
  { name: 'after it is claimed', ...held, isThere: put('after', ({ claim }) => claim) },
  { name: 'while it is read', ...held, isThere: reads },
  {
    name: 'before its predictions are put',
    ...held,
    isThere: put('before', ({ predictions }) => predictions),
  },
  {
    name: 'after its predictions are put',
    ...small,
    isThere: put('after', ({ predictions }) => predictions),
  },
  { name: 'before latest.json is put', ...small, isThere: put('before', ({ latest }) => latest) },
  { name: 'after latest.json is put', ...small, isThere: put('after', ({ latest }) => latest) },
  {
    name: 'before its error is put',
    ...bad,
    isLong: true,
    isHeld: true,
    isThere: put('before', ({ error }) => error),
  },
  { name: 'after its error is put', ...bad, isThere: put('after', ({ error }) => error) },
  {
    name: 'answer to the predictions lost',
    records: 3,
    isThere: put('after', ({ predictions }) => predictions),
  },
  {
    name: 'answer to latest.json lost',
    records: 3,
    isThere: put('after', ({ latest }) => latest),
  },
  {
    name: 'after it is written down that there will be a job',
    ...large,
    dies: 'iris-batch',
    isThere: putOfJob('after', (jobId) => uploadJobLayout(jobId).upload),
  },
  {
    name: 'after its job is there',
    ...large,
    dies: 'iris-batch',
    isThere: putOfJob('after', (jobId) => jobLayout(jobId).spec),
  },
  {
    name: 'before what its job has made is put',
    ...large,
    dies: 'batch',
    isThere: put('before', ({ predictions }) => predictions),
  },
  {
    name: 'after what its job has made is put',
    ...large,
    dies: 'batch',
    isThere: put('after', ({ predictions }) => predictions),
  },
  {
    name: 'between the parts of what its job has made',
    isLong: true,
    records: 2 * MANY,
    dies: 'batch',
    isThere: put('after', ({ predictions }) => predictions),
  },
];

const keyOf = ({ name }: Point): string => `in/iris/${name}.jsonl`;

describe('an upload whose scoring is killed', () => {
  let place: FaultPlace;
  let current: { readonly point: Point; readonly upload: Upload } | undefined;
  let hasFired: PromiseWithResolvers<void>;

  async function decide(step: StoreStep): Promise<StoreFate> {
    if (current === undefined || !current.point.isThere(step, current.upload)) return 'go on';
    const { dies } = current.point;
    current = undefined;
    if (dies !== undefined) await place.kill(dies);
    hasFired.resolve();
    return 'cut';
  }

  beforeAll(async () => {
    place = await startFaultPlace({ decide });
  }, 2 * MINUTES);
  afterAll(async () => {
    await place?.[Symbol.asyncDispose]();
  });

  it('is whole in the end, once', { timeout: 8 * MINUTES }, async () => {
    const points = POINTS.filter((point) => isLong || point.isLong !== true);
    const uploads: (readonly [Point, Upload])[] = [];
    for (const point of points) {
      const upload = await putUpload(place, keyOf(point), bodyOf(point));
      hasFired = Promise.withResolvers();
      current = { point, upload };
      await tellUpload(place, upload);
      await hasFired.promise;
      uploads.push([point, upload]);
      // What the broker delivers again; what a dead process holds takes its time.
      if (point.isHeld !== true) await untilOver([upload]);
    }

    await untilOver(uploads.map(([, upload]) => upload));

    for (const [point, upload] of uploads) await expectWhole(point, upload);
  });

  /** Ticks as a PingSource does, only more often. */
  async function untilOver(uploads: readonly Upload[]): Promise<void> {
    const signal = AbortSignal.timeout(6 * MINUTES);
    const isOver = async (): Promise<boolean> => {
      const found = await Promise.all(uploads.map((upload) => outcomeOf(place, upload)));
      if (found.every((outcome) => outcome !== undefined)) return true;
      // It is answered when no job is left, and several at once do no harm.
      if (isLong) void place.tick(signal).catch(() => {});
      return false;
    };
    await expect
      .poll(isOver, {
        timeout: 6 * MINUTES,
        interval: isLong ? 3000 : 500,
        message: place.output(),
      })
      .toBe(true);
  }

  async function expectWhole(point: Point, upload: Upload): Promise<void> {
    const outcome = await outcomeOf(place, upload);
    const { predictions, error } = uploadLayout(upload);
    const isScored = point.records > 0;
    expect([point.name, outcome?.output]).toEqual([point.name, isScored ? predictions : error]);
    expect([point.name, outcome?.names]).toEqual([
      point.name,
      isScored ? ['latest.json', 'predictions.jsonl'] : ['error.json', 'latest.json'],
    ]);
    const versions = await place.versionsOf(isScored ? predictions : error);
    expect([point.name, versions]).toEqual([point.name, 1]);
    if (outcome === undefined || !isScored) return;
    const lines = predictedLines(outcome);
    expect([point.name, lines.map(({ id }) => id)]).toEqual([
      point.name,
      Array.from({ length: point.records }, (_, n) => `r${n}`),
    ]);
    expect(lines.filter(({ output }) => output === undefined)).toEqual([]);
  }
});

function bodyOf({ records }: Point): string {
  return Array.from({ length: records }, (_, n) =>
    JSON.stringify({ custom_id: `r${n}`, ...FLOWER }),
  ).join('\n');
}
