import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { rewriteBindingPath } from '../../../../scripts/build/plugins/native-binding.ts';
import { withRecord } from '../../../../scripts/build/plugins/package-files.ts';
import { packageOf } from '../../../../scripts/build/plugins/package-of.ts';
import { sharpBinding, sharpLibraries } from '../../../../scripts/build/sharp-libraries.ts';

const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
const binding = join(dirname(entry), 'binding.js');

describe('rewriteBindingPath()', () => {
  it('makes the installed onnxruntime-node load its binding from dist/native', async () => {
    const source = await readFile(binding, 'utf8');

    const rewritten = rewriteBindingPath(binding, source);

    expect(rewritten).toContain("require('../native/onnxruntime_binding.node')");
    expect(rewritten).not.toContain('napi-v6');
  });

  it('refuses an onnxruntime-node that it does not know', () => {
    expect(() => rewriteBindingPath(binding, 'exports.binding = load();')).toThrow(
      'Cannot bundle onnxruntime-node',
    );
  });

  it('makes sharp load the binding of this platform, and no other, from dist/native', () => {
    const loader = createRequire(import.meta.url)
      .resolve('sharp')
      .replace(/index\.cjs$/, 'sharp.cjs');

    const rewritten = rewriteBindingPath(loader, 'tries many');

    expect(rewritten).toBe(`module.exports = require('../native/${sharpBinding()}');\n`);
  });

  it('leaves other files alone', () => {
    expect(rewriteBindingPath('/somewhere/else/binding.js', 'same')).toBe('same');
  });
});

describe('withRecord()', () => {
  it.each([
    ['a directive', '"use strict";\nexports.a = 1;'],
    ['a comment at the end', 'exports.a = 1; // the end'],
    ['no semicolon at the end', 'exports.a = () => {}'],
  ])('keeps a module with %s valid, and its directive in place', (_what, source) => {
    const changed = withRecord(source, 'p@1.0.0');
    const seen: string[] = [];
    const exports: { a?: unknown } = {};
    // oxlint-disable-next-line typescript/no-implied-eval, no-new-func -- the code under test is text
    const module = new Function('exports', '__pilotlightLoad', changed);

    module(exports, (id: string) => seen.push(id));

    expect(changed.startsWith(source)).toBe(true);
    expect(seen).toEqual(['p@1.0.0']);
    expect(exports).toHaveProperty('a');
  });
});

describe('packageOf()', () => {
  it('finds the package of a file, with its scope', () => {
    const path = createRequire(import.meta.url).resolve('@aws-sdk/client-s3');

    expect(packageOf(path).name).toBe('@aws-sdk/client-s3');
  });

  it('takes the innermost of nested packages', () => {
    expect(packageOf(entry).name).toBe('onnxruntime-node');
  });

  it('refuses a file of ours', () => {
    expect(() => packageOf(import.meta.filename)).toThrow('Not a file of an installed package');
  });
});

describe('sharpLibraries()', () => {
  it('are the binding and libvips of this platform, where the binding looks for it', () => {
    const libraries = sharpLibraries();

    const { platform, arch } = process;
    for (const { to } of libraries) expect(to).toContain(`${platform}-${arch}`);
    expect(libraries.filter(({ to }) => to.endsWith('.node'))).toHaveLength(1);
    expect(libraries.filter(({ to }) => to.includes('libvips'))).not.toHaveLength(0);
  });
});
