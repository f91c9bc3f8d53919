import { regexPattern, textPattern } from './pattern.ts';
import type { FindAll } from './pattern.ts';
import type { Normalizer } from './tokenizer-schema.ts';
import { lowerCase, normalForm, removeControls, removeMarks } from './unicode.ts';

/** Text to text. */
export type Normalize = (text: string) => string;

/**
 * The steps of a `tokenizer.json`, one after the other.
 * @throws {Error} When a regular expression of it is not supported.
 */
export function createNormalize(steps: readonly Normalizer[]): Normalize {
  const functions = steps.map(createStep);
  return (text) => functions.reduce((done, step) => step(done), text);
}

function createStep(step: Normalizer): Normalize {
  switch (step.type) {
    case 'NFC':
    case 'NFD':
      return (text) => normalForm(text, step.type);
    case 'Lowercase':
      return lowerCase;
    case 'Replace': {
      const { pattern, content } = step;
      const searched =
        'Regex' in pattern ? regexPattern(pattern.Regex) : textPattern(pattern.String);
      return (text) => replaceAll(text, searched, content);
    }
    case 'BertNormalizer':
      return createBertNormalize(step);
  }
}

function replaceAll(text: string, searched: FindAll, content: string): string {
  let replaced = '';
  let end = 0;
  for (const match of searched(text)) {
    replaced += text.slice(end, match.index) + content;
    end = match.index + match.text.length;
  }
  return replaced + text.slice(end);
}

/** https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/normalizers/bert.rs */
function createBertNormalize({
  clean_text: clean,
  handle_chinese_chars: chinese,
  strip_accents: accents,
  lowercase,
}: Extract<Normalizer, { type: 'BertNormalizer' }>): Normalize {
  const steps: Normalize[] = [];
  if (clean) steps.push((text) => removeControls(text).replaceAll(/\p{White_Space}/gu, ' '));
  if (chinese) steps.push((text) => text.replaceAll(IDEOGRAPH, (letter) => ` ${letter} `));
  if (accents ?? lowercase) steps.push((text) => removeMarks(normalForm(text, 'NFD')));
  if (lowercase) steps.push(lowerCase);
  return (text) => steps.reduce((done, step) => step(done), text);
}

/** The library's ranges, of which the sixth begins four blocks late: U+2B820 to U+2B91F are no ideographs there. */
const IDEOGRAPH =
  /[\u{3400}-\u{4dbf}\u{4e00}-\u{9fff}\u{f900}-\u{faff}\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;
