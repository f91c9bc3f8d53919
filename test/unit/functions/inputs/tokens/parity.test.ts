import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { createTokenizer } from '../../../../../functions/inputs/tokens/create-tokenizer.ts';
import { createNormalize } from '../../../../../functions/inputs/tokens/normalize.ts';
import { createPreTokenize } from '../../../../../functions/inputs/tokens/pre-tokenize.ts';
import { tokenizerFile } from '../../../../../functions/inputs/tokens/tokenizer-schema.ts';

const FOLDER = new URL('../../../../fixtures/tokens/', import.meta.url);
const NAMES = ['clip', 'clip-openai-form', 'bert', 'bert-cased'] as const;

type Name = (typeof NAMES)[number];

interface Cases {
  readonly cases: readonly (Readonly<Record<Name, readonly number[]>> & {
    readonly text: string;
  })[];
  readonly truncated: readonly {
    readonly tokenizer: Name;
    readonly max_tokens: number;
    readonly text: string;
    readonly ids: readonly number[];
  }[];
  readonly every_code_point: Readonly<Record<string, string>>;
}

const golden = JSON.parse(read('cases.json').toString()) as Cases;
const tokenizers = new Map(NAMES.map((name) => [name, createTokenizer(read(`${name}.json`))]));

function read(name: string): Buffer {
  return readFileSync(new URL(name, FOLDER));
}

const BLOCK = 1024;

/** `aXb ` for every code point X of the planes that have characters, a block of them at a time. */
function* everyCodePoint(): Generator<string> {
  const planes = Array.from({ length: 0x4_00_00 / BLOCK }, (_, block) => block * BLOCK);
  for (const start of [...planes, 0xe_00_00, 0xf_00_00, 0x10_00_00]) {
    if (start >= 0xd8_00 && start <= 0xdf_ff) continue;
    const codes = Array.from({ length: BLOCK }, (_, offset) => start + offset);
    yield codes.map((code) => `a${String.fromCodePoint(code)}b `).join('');
  }
}

describe('the tokenizers of Hugging Face', () => {
  it.each(NAMES)('give the same ids for every text: %s', (name) => {
    const ours = golden.cases.map(({ text }) => ({
      text,
      ids: tokenizers.get(name)?.encode(text, 1000),
    }));

    expect(ours).toEqual(golden.cases.map((theirs) => ({ text: theirs.text, ids: theirs[name] })));
  });

  it.each(golden.truncated)('cut at $max_tokens tokens: $tokenizer, $text', (theirs) => {
    const ids = tokenizers.get(theirs.tokenizer)?.encode(theirs.text, theirs.max_tokens);

    expect(ids).toEqual(theirs.ids);
  });

  const clip = tokenizerFile.parse(JSON.parse(read('clip.json').toString()));
  const bert = tokenizerFile.parse(JSON.parse(read('bert.json').toString()));
  it.each<[string, (text: string) => string]>([
    ['NFC', createNormalize([{ type: 'NFC' }])],
    ['NFD', createNormalize([{ type: 'NFD' }])],
    ['Lowercase', createNormalize([{ type: 'Lowercase' }])],
    ['BertNormalizer', createNormalize(stepsOf(bert.normalizer, 'normalizers'))],
    ['BertPreTokenizer', joined(createPreTokenize([{ type: 'BertPreTokenizer' }]))],
    ['CLIP', joined(createPreTokenize(stepsOf(clip.pre_tokenizer, 'pretokenizers')))],
  ])('see every code point alike: %s', (name, step) => {
    const digest = createHash('sha256');
    let separator = '';
    for (const text of everyCodePoint()) {
      digest.update(separator + step(text));
      separator = '\n';
    }

    expect(digest.digest('hex')).toBe(golden.every_code_point[name]);
  });
});

function joined(cut: (text: string) => readonly string[]): (text: string) => string {
  return (text) => cut(text).join(' ');
}

/** The steps of a file, whether it has one or a list of them. */
function stepsOf<Step>(value: unknown, key: string): Step[] {
  const steps = (value as Record<string, Step[]>)[key];
  return steps ?? [value as Step];
}
