import { element } from './elements.ts';
import { errorCode } from './send-request.ts';
import type { Outcome } from './send-request.ts';

interface Detail {
  readonly path?: string;
  readonly message?: string;
}

/** An answer that is an error: its code, what it says, what is wrong where, and when to try again. */
export function showFailure({ status, json, text, retryAfter, requestId }: Outcome): HTMLElement {
  const { message, details } = contentOf(json);
  const code = errorCode(json);
  return element(
    'div',
    { class: 'failure' },
    element('p', { class: 'headline' }, code === '' ? `HTTP ${status}` : `${code} (${status})`),
    // What stands between us and the function answers in plain text.
    element('p', {}, message ?? text.slice(0, 500)),
    ...(details.length < 2 && message?.includes(details[0]?.message ?? '') === true
      ? []
      : [
          element(
            'ul',
            {},
            ...details.map((detail) =>
              element('li', {}, element('code', {}, detail.path ?? ''), ` ${detail.message ?? ''}`),
            ),
          ),
        ]),
    ...(retryAfter === undefined ? [] : [element('p', {}, `Try again in ${retryAfter} s.`)]),
    element('p', { class: 'help' }, `Request ${requestId}`),
  );
}

/** A request that got no answer at all. */
export function showNoAnswer(cause: unknown): HTMLElement {
  return element(
    'div',
    { class: 'failure' },
    element('p', { class: 'headline' }, 'No answer'),
    element(
      'p',
      {},
      `The connection failed: ${cause instanceof Error ? cause.message : String(cause)}`,
    ),
  );
}

function contentOf(json: unknown): { message?: string; details: readonly Detail[] } {
  const { error, details } = (json ?? {}) as {
    readonly error?: string | { readonly message?: string; readonly details?: readonly Detail[] };
    readonly details?: readonly Detail[];
  };
  if (typeof error === 'string') return { message: error, details: details ?? [] };
  return {
    ...(error?.message === undefined ? {} : { message: error.message }),
    details: error?.details ?? [],
  };
}
