import { describe, expect, it, test } from 'vitest';

import { SETOSA, ask, json, post } from '../../support/http-client.ts';
import {
  isRedisRequired,
  NO_REDIS,
  redisBinary,
  startRedis,
  type TestRedis,
} from '../../support/redis.ts';
import { type RunningFunction, startFunction } from '../../support/start-function.ts';

const hasRedis = redisBinary() !== undefined;
if (!hasRedis) console.warn(NO_REDIS);

type Server = RunningFunction & AsyncDisposable;

async function cached(env: Record<string, string>): Promise<Server> {
  const server = await startFunction({ env });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server.stop();
    },
  };
}

/** The prediction alone, without what differs between two requests. */
async function predict({ url }: Server, instance: unknown = SETOSA): Promise<unknown> {
  const answer = await post(`${url}/predict`, instance);
  const { prediction, confidence, probabilities } = json(answer) as Record<string, unknown>;
  return { status: answer.status, prediction, confidence, probabilities };
}

async function counted({ url }: Server, metric: string): Promise<Record<string, number>> {
  const { text } = await ask(`${url}/metrics`);
  const lines = text.split('\n').filter((line) => line.startsWith(`${metric}{`));
  return Object.fromEntries(
    lines.map((line) => {
      const labels = /store="(\w+)",result="(\w+)"/.exec(line);
      return [
        labels === null ? metric : `${labels[1]} ${labels[2]}`,
        Number(line.split(' ').at(-1)),
      ];
    }),
  );
}

const lookupsOf = (server: Server) => counted(server, 'inference_cache_lookups_total');
const runsOf = async (server: Server) =>
  (await counted(server, 'inference_run_duration_seconds_count'))[
    'inference_run_duration_seconds_count'
  ];

test('the same flower twice is one run of the model, whichever route asks', async () => {
  await using server = await cached({ RESPONSE_CACHE_BYTES: '1000000' });
  const first = await predict(server);

  expect(await predict(server)).toEqual(first);
  const { sepal_length, sepal_width, petal_length, petal_width } = SETOSA;
  const data = [sepal_length, sepal_width, petal_length, petal_width];
  const inputs = [{ name: 'features', datatype: 'FP32', shape: [1, 4], data }];
  const v2 = await post(`${server.url}/v2/models/iris/infer`, { inputs });

  expect(v2.status).toBe(200);
  expect(await runsOf(server)).toBe(1);
  expect(await lookupsOf(server)).toEqual({ 'memory hit': 2, 'memory miss': 1 });
  expect(await predict(server, { ...SETOSA, petal_length: 5 })).not.toEqual(first);
});

test('without the settings nothing is kept', async () => {
  await using server = await cached({});
  await predict(server);
  await predict(server);

  expect(await runsOf(server)).toBe(2);
  expect(await lookupsOf(server)).toEqual({});
});

it('has a Redis to test against where one is required', () => {
  expect(isRedisRequired() && !hasRedis, NO_REDIS).toBe(false);
});

describe.skipIf(!hasRedis)('with a Redis', () => {
  const withRedis = (redis: TestRedis, more: Record<string, string> = {}) =>
    cached({ RESPONSE_CACHE_REDIS_URL: redis.url, RESPONSE_CACHE_TIMEOUT_MS: '200', ...more });

  /** Asks until the server has found its Redis. */
  async function untilHit(server: Server): Promise<void> {
    do await predict(server);
    while (((await lookupsOf(server))['redis hit'] ?? 0) === 0);
  }

  it('gives one process the answers of another, of the same tenant only', async () => {
    const redis = await startRedis();
    try {
      await using first = await withRedis(redis);
      await untilHit(first);
      await using second = await withRedis(redis);
      await untilHit(second);
      await using stranger = await withRedis(redis, { TENANT: 'another' });
      await untilHit(stranger);

      expect(await runsOf(second)).toBeLessThanOrEqual(1);
      expect((await lookupsOf(stranger))['redis miss']).toBeGreaterThanOrEqual(1);
    } finally {
      await redis.stop();
    }
  });

  it.each<[what: string, act: (redis: TestRedis) => Promise<void> | void]>([
    ['hangs', (redis) => redis.signal('SIGSTOP')],
    ['dies', (redis) => redis.kill()],
  ])('predicts on when Redis %s', async (_what, act) => {
    const redis = await startRedis();
    try {
      await using server = await withRedis(redis);
      await untilHit(server);
      const healthy = await predict(server);
      await act(redis);

      for (let request = 0; request < 20; request += 1) {
        expect(await predict(server)).toEqual(healthy);
      }
      expect(await runsOf(server)).toBeGreaterThanOrEqual(20);
    } finally {
      await redis.stop();
    }
  });

  it('uses a Redis again that has come back', async () => {
    const redis = await startRedis();
    try {
      await using server = await withRedis(redis);
      await untilHit(server);
      const before = (await lookupsOf(server))['redis hit'] ?? 0;
      await redis.restart();

      do await predict(server);
      while (((await lookupsOf(server))['redis hit'] ?? 0) <= before);
      expect((await predict(server)) as object).toMatchObject({ status: 200 });
    } finally {
      await redis.stop();
    }
  });

  it('predicts without a Redis that was never there, and says so in the log', async () => {
    const server = await startFunction({
      env: { RESPONSE_CACHE_REDIS_URL: 'redis://127.0.0.1:1' },
    });
    try {
      expect((await post(`${server.url}/predict`, SETOSA)).status).toBe(200);
      await server.logged('the response cache failed');
    } finally {
      await server.stop();
    }
  });
});
