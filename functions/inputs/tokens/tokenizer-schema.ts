import * as z from 'zod';

const pattern = z.union([
  z.strictObject({ Regex: z.string() }),
  z.strictObject({ String: z.string() }),
]);

const oneNormalizer = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('NFC') }),
  z.strictObject({ type: z.literal('NFD') }),
  z.strictObject({ type: z.literal('Lowercase') }),
  z.strictObject({ type: z.literal('Replace'), pattern, content: z.string() }),
  z.strictObject({
    type: z.literal('BertNormalizer'),
    clean_text: z.boolean(),
    handle_chinese_chars: z.boolean(),
    /** As `lowercase` when it is null. */
    strip_accents: z.boolean().nullable(),
    lowercase: z.boolean(),
  }),
]);

const onePreTokenizer = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('Split'),
    pattern,
    behavior: z.enum(['Removed', 'Isolated']),
    invert: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('ByteLevel'),
    add_prefix_space: z.literal(false),
    /** About offsets, which nobody asks for here. */
    trim_offsets: z.boolean(),
    use_regex: z.boolean().default(true),
  }),
  z.strictObject({ type: z.literal('BertPreTokenizer') }),
]);

/** Token to id. Looked through by hand, as are the merges: there are fifty thousand of each, at every start. */
const vocabulary = z.custom<Readonly<Record<string, number>>>(isVocabulary, {
  message: 'must be tokens with their ids, whole numbers below 2^26',
});

/** Pairs, or as they were written until tokenizers 0.20: with a blank between. */
const merges = z.custom<readonly (readonly [string, string] | string)[]>(areMerges, {
  message: 'must be a list of pairs of tokens',
});

const bytePair = z.strictObject({
  type: z.literal('BPE'),
  dropout: z.null().optional(),
  unk_token: z.string().nullable(),
  continuing_subword_prefix: z.union([z.null(), z.literal('')]).optional(),
  end_of_word_suffix: z.string().nullable(),
  fuse_unk: z.literal(false).optional(),
  byte_fallback: z.literal(false).optional(),
  ignore_merges: z.literal(false).optional(),
  vocab: vocabulary,
  merges,
});

const wordPiece = z.strictObject({
  type: z.literal('WordPiece'),
  unk_token: z.string(),
  continuing_subword_prefix: z.string(),
  max_input_chars_per_word: z.int().positive(),
  vocab: vocabulary,
});

const special = z.tuple([z.string(), z.int()]);

const postProcessor = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('RobertaProcessing'),
    cls: special,
    sep: special,
    trim_offsets: z.boolean(),
    add_prefix_space: z.boolean(),
  }),
  z.strictObject({ type: z.literal('BertProcessing'), cls: special, sep: special }),
  z.strictObject({
    type: z.literal('TemplateProcessing'),
    single: z.array(
      z.union([
        z.strictObject({ SpecialToken: z.object({ id: z.string() }) }),
        z.strictObject({ Sequence: z.object({ id: z.literal('A') }) }),
      ]),
    ),
    /** For two texts at once, which are not asked for here. */
    pair: z.unknown(),
    special_tokens: z.record(z.string(), z.object({ ids: z.array(z.int()) })),
  }),
]);

/**
 * A `tokenizer.json` as Hugging Face's `tokenizers` writes it, as far as it is read here: what CLIP and BERT need.
 * Anything else is refused by its name, since a wrong token would go unnoticed.
 * https://huggingface.co/docs/tokenizers/api/tokenizer
 */
export const tokenizerFile = z.object({
  version: z.literal('1.0'),
  added_tokens: z.array(
    z.strictObject({
      id: z.int(),
      content: z.string().min(1),
      single_word: z.literal(false),
      lstrip: z.literal(false),
      rstrip: z.literal(false),
      /** Looked for in the normalized text; otherwise before anything is done to it. */
      normalized: z.boolean(),
      special: z.boolean(),
    }),
  ),
  normalizer: z.union([
    z.null(),
    oneNormalizer,
    z.strictObject({ type: z.literal('Sequence'), normalizers: z.array(oneNormalizer) }),
  ]),
  pre_tokenizer: z.union([
    z.null(),
    onePreTokenizer,
    z.strictObject({ type: z.literal('Sequence'), pretokenizers: z.array(onePreTokenizer) }),
  ]),
  post_processor: z.union([z.null(), postProcessor]),
  model: z.discriminatedUnion('type', [bytePair, wordPiece]),
});

function isVocabulary(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((id) => Number.isInteger(id) && id >= 0 && id < 2 ** 26);
}

function areMerges(value: unknown): boolean {
  return Array.isArray(value) && value.every(isMerge);
}

function isMerge(merge: unknown): boolean {
  if (typeof merge === 'string') return true;
  return (
    Array.isArray(merge) && merge.length === 2 && merge.every((token) => typeof token === 'string')
  );
}

/** A parsed `tokenizer.json`. */
export type TokenizerFile = z.infer<typeof tokenizerFile>;

/** One step of normalizing. */
export type Normalizer = z.infer<typeof oneNormalizer>;

/** One step of cutting a text into words. */
export type PreTokenizer = z.infer<typeof onePreTokenizer>;

/** A byte-pair model. */
export type BytePairModel = z.infer<typeof bytePair>;

/** A WordPiece model. */
export type WordPieceModel = z.infer<typeof wordPiece>;

/** What is put around the tokens of a text. */
export type PostProcessor = z.infer<typeof postProcessor>;
