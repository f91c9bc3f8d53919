import type { WordToIds } from './byte-pair.ts';
import type { WordPieceModel } from './tokenizer-schema.ts';

/**
 * WordPiece: from the left, always the longest token that fits; a word that cannot be put together is unknown as
 * a whole.
 * @throws {Error} When the unknown token is not in the vocabulary.
 */
export function createWordPiece(model: WordPieceModel): WordToIds {
  const vocabulary = new Map(Object.entries(model.vocab));
  const unknown = vocabulary.get(model.unk_token);
  if (unknown === undefined) {
    throw new Error(`the unknown token "${model.unk_token}" is not in the vocabulary`);
  }

  return (word) => {
    const letters = Array.from(word);
    if (letters.length > model.max_input_chars_per_word) return [unknown];
    const ids: number[] = [];
    for (let start = 0; start < letters.length;) {
      let end = letters.length;
      let id: number | undefined;
      for (; end > start; end -= 1) {
        const piece = letters.slice(start, end).join('');
        id = vocabulary.get(start === 0 ? piece : model.continuing_subword_prefix + piece);
        if (id !== undefined) break;
      }
      if (id === undefined) return [unknown];
      ids.push(id);
      start = end;
    }
    return ids;
  };
}
