import type { Image } from './read-image.ts';

const MB = 1e6;
/** Compressed; the target of docs/PERFORMANCE.md. */
const TARGET_MB = 90;
const STEP_LENGTH = 90;

/** An image's layers for people: compressed sizes in 10⁶ bytes, in the order they lie. */
export function imageTable({ name, platform, layers }: Image): string {
  const total = layers.reduce((sum, { size }) => sum + size, 0) / MB;
  const rows = layers.map(({ digest, size, createdBy }) => {
    const step = createdBy.replaceAll(/\s+/g, ' ').trim().slice(0, STEP_LENGTH);
    return `${(size / MB).toFixed(2).padStart(8)}  ${digest.slice(7, 19)}  ${step}`;
  });
  return [
    `${name} (${platform}), MB compressed`,
    ...rows,
    `${total.toFixed(2).padStart(8)}  in all; target ≤ ${TARGET_MB}: ${total <= TARGET_MB ? 'met' : 'NOT MET'}`,
    '',
  ].join('\n');
}
