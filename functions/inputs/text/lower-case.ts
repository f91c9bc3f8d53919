import { CAPITAL, CASED, CASE_IGNORABLE } from './unicode-tables.ts';
import type { CodePoints } from './unicode-tables.ts';

const CAPITAL_SIGMA = 0x3a3;
const SMALL_SIGMA = 0x3c3;
const FINAL_SIGMA = 0x3c2;

/**
 * The code points of a text in small letters, exactly as Python's `str.lower` gives them. Half of a surrogate
 * pair without its other half is a code point like any other.
 */
export function lowerCase(text: string, codePoints: CodePoints): Uint32Array {
  const points = toCodePoints(text);
  settleSigmas(points, codePoints);
  const { traits, small } = codePoints;
  let growth = 0;
  for (let at = 0; at < points.length; at++) {
    const point = points[at] ?? 0;
    if (((traits[point] ?? 0) & CAPITAL) === 0) continue;
    const form = small.get(point) ?? [point];
    if (form.length > 1) growth += form.length - 1;
    else points[at] = form[0] ?? point;
  }
  return growth === 0 ? points : lengthen(points, growth, small);
}

function toCodePoints(text: string): Uint32Array {
  const points = new Uint32Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at) ?? 0;
    points[length++] = point;
    if (point > 0xffff) at++;
  }
  return points.subarray(0, length);
}

/**
 * A capital sigma is final at the end of a word that is longer: after a cased character and not before one,
 * case-ignorable ones not counted.
 * https://www.unicode.org/versions/Unicode14.0.0/ch03.pdf, table 3-17
 */
function settleSigmas(points: Uint32Array, { traits }: CodePoints): void {
  const traitsAt = (at: number): number => traits[points[at] ?? -1] ?? 0;
  const isCasedAt = (from: number, step: 1 | -1): boolean => {
    let at = from;
    while ((traitsAt(at) & CASE_IGNORABLE) !== 0) at += step;
    return (traitsAt(at) & CASED) !== 0;
  };
  for (let at = points.indexOf(CAPITAL_SIGMA); at !== -1;) {
    const isFinal = isCasedAt(at - 1, -1) && !isCasedAt(at + 1, 1);
    points[at] = isFinal ? FINAL_SIGMA : SMALL_SIGMA;
    at = points.indexOf(CAPITAL_SIGMA, at + 1);
  }
}

function lengthen(points: Uint32Array, growth: number, small: CodePoints['small']): Uint32Array {
  const longer = new Uint32Array(points.length + growth);
  let at = 0;
  for (const point of points) {
    const form = small.get(point);
    if (form === undefined || form.length === 1) longer[at++] = point;
    else for (const one of form) longer[at++] = one;
  }
  return longer;
}
