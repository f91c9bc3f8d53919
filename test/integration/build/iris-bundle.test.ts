import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

import { beforeAll, describe, expect, it } from 'vitest';

import { type BuildFacts, buildFunction } from '../../../scripts/build/build-function.ts';
import { NODE_FLAGS } from '../../../scripts/build/node-flags.ts';

const root = join(import.meta.dirname, '../../..');

interface Info {
  readonly packages: readonly string[];
  readonly cold_start: { readonly code_cache: string };
}

let command: string;
let args: string[];

beforeAll(async () => {
  ({ command, args } = await buildFunction('iris'));
});

/** Starts the built function on a free port, asks it, and stops it. */
async function withFunction<T>(ask: (url: string) => Promise<T>): Promise<T> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      FUNCTION_TARGET: 'iris',
      MODEL_URI: `file:${join(root, 'models/iris')}`,
      HOST: '127.0.0.1',
      PORT: '0',
      NODE_ENV: 'development',
      ORT_DISABLE_TELEMETRY: '1',
    },
  });
  const ended = once(child, 'close');
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { message, port } = JSON.parse(line) as { message: string; port?: number };
      if (message === 'ready') return await ask(`http://127.0.0.1:${port}`);
    }
    throw new Error('The function ended before it was ready');
  } finally {
    child.stdout.resume();
    child.kill();
    await ended;
  }
}

const infoOf = async (url: string): Promise<Info> =>
  (await (await fetch(`${url}/info`)).json()) as Info;

describe('dist/iris', () => {
  it('starts with its code cache accepted', async () => {
    expect((await withFunction(infoOf)).cold_start.code_cache).toBe('accepted');
  });

  it('loads none of the heavy packages before its first prediction', async () => {
    const { packages } = await withFunction(infoOf);

    expect(packages.some((id) => id.startsWith('onnxruntime-node@'))).toBe(true);
    // A model from a folder needs no object store; metrics wait for the first scrape.
    const heavy = /^(prom-client|sharp|@opentelemetry\/.*|@aws-sdk\/.*|cloudevents)@/;
    expect(packages.filter((id) => heavy.test(id))).toEqual([]);
  });

  it('reads no package at its start that a first prediction does not run', async () => {
    const main = await readFile(join(dirname(args.at(-1) ?? ''), 'main.cjs'), 'latin1');
    const inMain = [...main.matchAll(/__pilotlightLoad\("([^"]+)"\)/g)].flatMap(
      ([, id]) => id ?? [],
    );

    const { packages } = await withFunction(infoOf);

    // What should be missing here belongs into PARTS of scripts/build/build-function.ts.
    expect([...new Set(inMain)].toSorted()).toEqual(packages);
  });

  it('runs with the flags that the image has', async () => {
    const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8');

    expect(args.slice(0, -1)).toEqual(NODE_FLAGS);
    expect(dockerfile).toContain(
      `ENTRYPOINT ["/usr/local/bin/node", ${NODE_FLAGS.map((flag) => `"${flag}", `).join('')}"/app/dist/boot.cjs"]`,
    );
  });

  it('answers its sample', async () => {
    const body = await readFile(join(root, 'functions/iris/sample.json'));

    const answer = await withFunction(async (url) => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${url}/predict`, { method: 'POST', headers, body })).json();
    });

    expect(answer).toMatchObject({ prediction: 'setosa' });
  });

  // Each of these meets a package that the bundle replaces by a few lines.
  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=1', 415],
    ['a character set', { 'content-type': 'application/json; charset=utf-16' }, '{}', 415],
    ['a query', { 'content-type': 'application/json' }, '{"a":1}', 400],
    ['an encoding', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 'x', 415],
  ])('answers %s in JSON, as the sources do', async (_what, headers, body, status) => {
    const answer = await withFunction(async (url) => {
      const response = await fetch(`${url}/predict?a[b]=c`, { method: 'POST', headers, body });
      return { status: response.status, body: (await response.json()) as object };
    });

    expect(answer).toMatchObject({
      status,
      body: { error: { code: expect.any(String) as string } },
    });
  });

  it('says what it was made of', async () => {
    const path = join(dirname(args.at(-1) ?? ''), 'build.json');
    const facts = JSON.parse(await readFile(path, 'utf8')) as BuildFacts;

    expect(facts).toMatchObject({ function: 'iris', node: process.version });
    expect(facts.code_cache_bytes).toBeGreaterThan(100_000);
    expect(facts.packages).not.toContainEqual(expect.stringMatching(/^(sharp|vitest|esbuild)@/));
  });

  it('is not built again while nothing has changed, by however many at once', async () => {
    const marker = join(dirname(args.at(-1) ?? ''), 'build.json');
    const { mtimeMs, ino } = await statOf(marker);

    await Promise.all([buildFunction('iris'), buildFunction('iris')]);

    expect(await statOf(marker)).toEqual({ mtimeMs, ino });
  });
});

async function statOf(path: string): Promise<{ mtimeMs: number; ino: number }> {
  const { mtimeMs, ino } = await stat(path);
  return { mtimeMs, ino };
}
