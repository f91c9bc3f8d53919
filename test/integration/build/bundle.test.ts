import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { bundle } from '../../../scripts/build/bundle.ts';
import { requireAccepted } from '../../../scripts/build/code-cache.ts';
import { oneFunction } from '../../../scripts/build/plugins/one-function.ts';

const root = join(import.meta.dirname, '../../..');
const fixtures = join(import.meta.dirname, 'fixtures');
const run = promisify(execFile);

interface Said {
  readonly answer?: string;
  readonly error?: string;
  readonly codeCache?: string;
  readonly packages?: readonly string[];
}

/** Runs a bundle to its end in a fresh process and returns the line that it prints. */
async function start(dir: string, name = 'alpha', env: NodeJS.ProcessEnv = {}): Promise<Said> {
  const { stdout } = await run(process.execPath, [join(dir, 'boot.cjs'), name], { env });
  return JSON.parse(stdout) as Said;
}

async function make(dir: string, recordPackages = true): Promise<string> {
  await bundle({
    root,
    entry: join(fixtures, 'main.ts'),
    outDir: dir,
    recordPackages,
    plugins: [oneFunction(join(fixtures, 'catalogue.ts'), 'alpha')],
  });
  await copyFile(join(root, 'scripts/build/boot.cjs'), join(dir, 'boot.cjs'));
  return dir;
}

let parent: string;
let dir: string;
const fileOf = (name: string): string => join(dir, name);

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'pilotlight-bundle-'));
  dir = await make(join(parent, 'alpha'));
});

afterAll(() => rm(parent, { recursive: true }));

describe('a bundle', () => {
  it('runs its function', async () => {
    expect(await start(dir)).toMatchObject({ answer: 'alpha answers' });
  });

  it('holds no other function, and says so when asked for one', async () => {
    const text = await readFile(fileOf('main.cjs'), 'latin1');

    expect(text).toContain('alpha answers');
    expect(text).not.toContain('beta answers');
    expect(text).not.toContain('prom-client@');
    expect((await start(dir, 'beta')).error).toContain('This bundle has no ./beta/index.ts');
  });

  it('is pure ASCII, as its boot file reads it as latin1', async () => {
    const bytes = await readFile(fileOf('main.cjs'));

    expect(bytes.findIndex((byte) => byte > 127)).toBe(-1);
  });

  it('has its source map beside it, and no comment that names it', async () => {
    expect((await stat(fileOf('main.cjs.map'))).size).toBeGreaterThan(0);
    expect(await readFile(fileOf('main.cjs'), 'latin1')).not.toContain('sourceMappingURL');
  });

  it('says which packages run, with their versions, and only those', async () => {
    const zod = JSON.parse(await readFile(join(root, 'node_modules/zod/package.json'), 'utf8')) as {
      version: string;
    };

    const { packages } = await start(dir);

    // onnxruntime-node is in the bundle too, but nothing has asked for it.
    expect(packages).toEqual([`zod@${zod.version}`]);
    expect(await readFile(fileOf('main.cjs'), 'latin1')).toContain('onnxruntime-node@');
  });

  it('is hardly larger for saying so: tree shaking still works', async () => {
    const plain = await make(join(parent, 'plain'), false);

    const without = (await stat(join(plain, 'main.cjs'))).size;
    const withRecord = (await stat(fileOf('main.cjs'))).size;

    expect(withRecord).toBeGreaterThan(without);
    expect(withRecord / without).toBeLessThan(1.05);
  });

  it('loads the native binding from beside its folder', async () => {
    expect(await readFile(fileOf('main.cjs'), 'latin1')).toContain(
      'require("../native/onnxruntime_binding.node")',
    );
  });
});

describe('a part that is set apart', () => {
  let apart: string;
  const read = (file: string): Promise<string> => readFile(join(apart, file), 'latin1');

  beforeAll(async () => {
    apart = join(parent, 'beta');
    await bundle({
      root,
      entry: join(fixtures, 'main.ts'),
      outDir: apart,
      plugins: [oneFunction(join(fixtures, 'catalogue.ts'), 'beta')],
      parts: [
        { file: 'prom-client.cjs', entry: 'prom-client' },
        { file: 'nobody-asks.cjs', entry: join(fixtures, 'alpha/index.ts') },
      ],
    });
    await copyFile(join(root, 'scripts/build/boot.cjs'), join(apart, 'boot.cjs'));
  });

  it('is in a file of its own, and works from there', async () => {
    expect(await read('main.cjs')).not.toContain('prom-client@');
    expect(await read('prom-client.cjs')).toContain('prom-client@');
    expect((await start(apart, 'beta')).answer).toContain('beta answers text/plain');
  });

  it('has a code cache once it was needed', async () => {
    await start(apart, 'beta', { CODE_CACHE_OUT: apart });

    await requireAccepted(apart);
    expect((await stat(join(apart, 'prom-client.cjs.cache'))).size).toBeGreaterThan(10_000);
    expect((await start(apart, 'beta')).codeCache).toBe('accepted');
  });

  it('is checked as the program is', async () => {
    const file = join(apart, 'prom-client.cjs.cache');
    await writeFile(file, flipped(await readFile(file), 200));

    expect((await start(apart, 'beta')).answer).toContain('beta answers text/plain');
  });

  it('is not made when nothing imports it', async () => {
    await expect(stat(join(apart, 'nobody-asks.cjs'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the code cache', () => {
  const cache = (): string => fileOf('main.cjs.cache');
  let good: Buffer;

  beforeAll(async () => {
    await start(dir, 'alpha', { CODE_CACHE_OUT: dir });
    good = await readFile(cache());
  });

  it('is accepted by a fresh process', async () => {
    await writeFile(cache(), good);

    expect(await start(dir)).toMatchObject({ answer: 'alpha answers', codeCache: 'accepted' });
    await requireAccepted(dir);
  });

  it('may be absent', async () => {
    await rm(cache(), { force: true });

    expect(await start(dir)).toMatchObject({ answer: 'alpha answers', codeCache: 'absent' });
  });

  /** V8 itself would crash on the second and third. */
  const damaged: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
    ['with a broken header', (bytes) => flipped(bytes, 12)],
    ['with a broken byte near the start', (bytes) => flipped(bytes, 108)],
    ['with a broken byte in the middle', (bytes) => flipped(bytes, bytes.length >> 1)],
    ['cut short', (bytes) => bytes.subarray(0, bytes.length >> 1)],
    ['that is empty', () => Buffer.alloc(0)],
  ];

  it.each(damaged)('%s is left aside', async (_what, damage) => {
    await writeFile(cache(), damage(Buffer.from(good)));

    expect(await start(dir)).toMatchObject({ answer: 'alpha answers', codeCache: 'rejected' });
  });

  it('of other code of the same length is left aside, which V8 would not notice', async () => {
    const code = await readFile(fileOf('main.cjs'), 'latin1');
    await writeFile(cache(), good);
    try {
      await writeFile(fileOf('main.cjs'), code.replace('alpha answers', 'ALPHA ANSWERS'));

      expect(await start(dir)).toMatchObject({ answer: 'ALPHA ANSWERS', codeCache: 'rejected' });
    } finally {
      await writeFile(fileOf('main.cjs'), code);
    }
  });

  it('is not written by a process that fails', async () => {
    await copyFile(fileOf('boot.cjs'), join(parent, 'boot.cjs'));
    await writeFile(join(parent, 'main.cjs'), 'process.exit(1)');

    const ended = run(process.execPath, [join(parent, 'boot.cjs')], {
      env: { CODE_CACHE_OUT: parent },
    });

    await expect(ended).rejects.toMatchObject({ code: 1 });
    await expect(stat(join(parent, 'main.cjs.cache'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe("the image's entry", () => {
  let dist: string;

  beforeAll(async () => {
    dist = join(parent, 'dist');
    await mkdir(join(dist, 'alpha'), { recursive: true });
    await copyFile(join(root, 'scripts/build/dispatch.cjs'), join(dist, 'boot.cjs'));
    await writeFile(join(dist, 'alpha/boot.cjs'), 'console.log("this is alpha")');
  });

  it('runs the function of FUNCTION_TARGET', async () => {
    const env = { FUNCTION_TARGET: 'alpha' };

    const { stdout } = await run(process.execPath, [join(dist, 'boot.cjs')], { env });

    expect(stdout).toBe('this is alpha\n');
  });

  it.each([undefined, '', 'beta', '../dist/alpha'])('refuses the target %j', async (target) => {
    const env = target === undefined ? {} : { FUNCTION_TARGET: target };

    const ended = run(process.execPath, [join(dist, 'boot.cjs')], { env });

    await expect(ended).rejects.toMatchObject({
      code: 78,
      stderr: expect.stringContaining('FUNCTION_TARGET: this image has no function') as string,
    });
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
  return bytes;
}
