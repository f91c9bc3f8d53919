import { NotAcceptableError } from '../../runtime/errors.ts';

interface Range {
  readonly type: string;
  readonly weight: number;
}

/** RFC 9110, 12.4.2. */
const WEIGHT = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;

/**
 * The media type to answer with: of `offered`, the one that `Accept` weighs most, and of equals the first.
 * Without the header, the first. Parameters of a media range other than its weight are not looked at.
 * @throws {NotAcceptableError} When the client accepts none of them; says what there is.
 */
export function negotiate(accept: string | undefined, offered: readonly string[]): string {
  const ranges = (accept ?? '').trim() === '' ? [{ type: '*/*', weight: 1 }] : readRanges(accept);
  let best: { readonly type: string; readonly weight: number } | undefined;
  for (const type of offered) {
    const weight = weightOf(type, ranges);
    if (weight > (best?.weight ?? 0)) best = { type, weight };
  }
  if (best === undefined) {
    throw new NotAcceptableError(`The answer comes as ${offered.join(' or ')} only`);
  }
  return best.type;
}

function readRanges(accept = ''): Range[] {
  return accept.split(',').flatMap((text) => {
    const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
    const given = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = given === undefined ? '1' : WEIGHT.exec(given)?.[1];
    // A weight that is none says nothing that could be kept to.
    return weight === undefined ? [] : [{ type, weight: Number(weight) }];
  });
}

/** The weight that the most exact range gives a type; 0 when none has it. */
function weightOf(type: string, ranges: readonly Range[]): number {
  for (const pattern of [type, `${type.split('/', 1)[0] ?? ''}/*`, '*/*']) {
    const weights = ranges.filter((range) => range.type === pattern).map(({ weight }) => weight);
    if (weights.length > 0) return Math.max(...weights);
  }
  return 0;
}
