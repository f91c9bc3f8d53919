import type { PostProcessor } from './tokenizer-schema.ts';

/** The special tokens before and after those of a text. */
export interface Surround {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * What a `tokenizer.json` puts around one text.
 * @throws {Error} When its template does not have the text exactly once, or a token that it does not define.
 */
export function readSurround(processor: PostProcessor | null): Surround {
  if (processor === null) return { before: [], after: [] };
  if (processor.type !== 'TemplateProcessing') {
    return { before: [processor.cls[1]], after: [processor.sep[1]] };
  }
  const { single, special_tokens: tokens } = processor;
  const place = single.findIndex((part) => 'Sequence' in part);
  if (place === -1 || single.filter((part) => 'Sequence' in part).length > 1) {
    throw new Error('its template does not have the text exactly once');
  }
  const idsOf = (parts: typeof single): number[] =>
    parts.flatMap((part) => {
      if (!('SpecialToken' in part)) return [];
      const { id } = part.SpecialToken;
      const found = tokens[id];
      if (found === undefined)
        throw new Error(`its template uses "${id}", which it does not define`);
      return found.ids;
    });
  return { before: idsOf(single.slice(0, place)), after: idsOf(single.slice(place + 1)) };
}
