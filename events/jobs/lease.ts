import * as z from 'zod';

import { PreconditionFailedError } from '../../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import { canonicalJson } from './canonical-json.ts';
import { createOnly } from './create-only.ts';
import { readJson } from './read-json.ts';

/** Records from one index of the chunk up to, but not at, another. */
const span = z.strictObject({ from: z.int().nonnegative(), to: z.int().nonnegative() });

/** See {@link Lease}. */
export type Span = z.infer<typeof span>;

const leaseBody = z.strictObject({
  owner: z.string(),
  /** Makes the bytes, and with them the ETag, those of one write: without it If-Match would not tell. */
  nonce: z.string(),
  /** Counts the workers that began and neither finished nor gave it back, and the one at it. */
  attempt: z.int().nonnegative(),
  leaseSeconds: z.int().positive(),
  isReleased: z.boolean(),
  /** What is being scored, said only from the third attempt on: it may be what ends the process. */
  probe: span.optional(),
  /** Records among which is one that may have ended a process: they are scored one by one. */
  suspects: z.array(span),
  /** Records that ended a process. */
  crashed: z.array(z.int().nonnegative()),
});

/** What a claim says. */
export type LeaseBody = z.infer<typeof leaseBody>;

/** A claim that is ours, in the state in which we wrote it. */
export interface Lease {
  readonly body: LeaseBody;
  readonly etag: string;
}

/** What came of asking for a chunk. */
export type Claim =
  | { readonly kind: 'claimed'; readonly lease: Lease }
  /** Somebody is at it. */
  | { readonly kind: 'held' }
  /** All attempts are used up. */
  | { readonly kind: 'exhausted' };

/** Who asks, and how long without a sign of life. */
export interface ClaimOptions {
  readonly owner: string;
  readonly nonce: string;
  readonly leaseSeconds: number;
  readonly maxAttempts: number;
}

/** MinIO holds a key while the body of a conditional PUT arrives: whoever asks longer meets its writer. */
const CONTENDED_MS = 5000;

/** From this attempt on a lease says what is being scored. */
export const CAREFUL_ATTEMPT = 3;

/** Crashes that one chunk may have without an attempt being counted for each. */
const MAX_CRASHED = 16;

/**
 * Claims a chunk: of any number of workers at most one gets it, until its lease runs out by the store's
 * own clock. Only saves work: what makes a chunk done is its part, which has one winner anyway.
 */
export async function claimChunk(
  store: ObjectStore,
  key: string,
  options: ClaimOptions,
): Promise<Claim> {
  const { owner, nonce, leaseSeconds } = options;
  const fresh: LeaseBody = {
    owner,
    nonce,
    attempt: 1,
    leaseSeconds,
    isReleased: false,
    suspects: [],
    crashed: [],
  };
  const created = await createOnly(store, key, canonicalJson(fresh));
  if (created !== undefined) return claimed(fresh, created.etag);
  const present = await readLease(store, key);
  if (present === 'contended' || present === undefined || !present.isFree) return { kind: 'held' };
  const next = takeover(present.body, options);
  if (next === undefined) return { kind: 'exhausted' };
  try {
    const { etag } = await store.put(key, canonicalJson(next), { ifMatch: present.etag });
    return claimed(next, etag);
  } catch (cause) {
    if (cause instanceof PreconditionFailedError) return { kind: 'held' };
    throw cause;
  }
}

/** A claim as somebody wrote it, and whether its lease has run out. */
export interface PresentLease extends Lease {
  readonly isFree: boolean;
}

/** The claim at `key`: undefined when there is none, `contended` when it is being written just now. */
export async function readLease(
  store: ObjectStore,
  key: string,
): Promise<PresentLease | 'contended' | undefined> {
  const signal = AbortSignal.timeout(CONTENDED_MS);
  try {
    const found = await readJson(store, key, leaseBody, signal);
    if (found === undefined) return undefined;
    const { value: body, meta } = found;
    // Both times are the store's, cut to whole seconds: so one second more than the lease.
    const endsMs = meta.lastModified.getTime() + (body.leaseSeconds + 1) * 1000;
    const isFree = body.isReleased || meta.servedAt.getTime() >= endsMs;
    return { body, etag: meta.etag, isFree };
  } catch (cause) {
    if (signal.aborted) return 'contended';
    throw cause;
  }
}

/** Whether nobody may try a chunk again whose claim says this. */
export function isExhausted(body: LeaseBody, maxAttempts: number): boolean {
  return takeover(body, { owner: '', nonce: '', leaseSeconds: 1, maxAttempts }) === undefined;
}

function claimed(body: LeaseBody, etag: string): Claim {
  return { kind: 'claimed', lease: { body, etag } };
}

/**
 * The claim after one whose worker is gone. Where that one had said what it was scoring, the attempt has
 * brought us closer to the record at fault and is not counted.
 */
function takeover(
  { attempt, probe, suspects, crashed, isReleased }: LeaseBody,
  { owner, nonce, leaseSeconds, maxAttempts }: ClaimOptions,
): LeaseBody | undefined {
  const base = { owner, nonce, leaseSeconds, isReleased: false };
  const isBounded = crashed.length < MAX_CRASHED && suspects.length < MAX_CRASHED * 2;
  if (probe !== undefined && !isReleased && isBounded) {
    // A worker may have been ended by something else, and each begins anew: only two in a row that end at one record tell.
    const last = suspects.at(-1);
    return last?.from === probe.from && last.to === probe.to
      ? { ...base, attempt, suspects, crashed: [...crashed, probe.from] }
      : { ...base, attempt, suspects: [...suspects, probe], crashed };
  }
  // A released claim was written with the number of attempts that count.
  const next = attempt + 1;
  return next > maxAttempts ? undefined : { ...base, attempt: next, suspects, crashed };
}
