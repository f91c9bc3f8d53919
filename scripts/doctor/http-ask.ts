/** What a server answered, or why it did not. */
export type HttpAnswer =
  | { readonly status: number; readonly headers: Headers }
  | { readonly problem: string };

/** How to ask. */
export interface AskOptions {
  readonly signal: AbortSignal;
  /** @default 5000 */
  readonly timeoutMs?: number;
}

/** Asks with GET, follows no redirect, and throws the body away. */
export async function askHttp(url: string, options: AskOptions): Promise<HttpAnswer> {
  const { signal, timeoutMs = 5000 } = options;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const answer = await fetch(url, { signal: limit, redirect: 'manual' });
    await answer.body?.cancel();
    return { status: answer.status, headers: answer.headers };
  } catch (cause) {
    return { problem: problemOf(cause, timeoutMs) };
  }
}

/** `fetch` says "fetch failed" and keeps the reason as the cause. */
function problemOf(cause: unknown, timeoutMs: number): string {
  const error = cause as Error & { cause?: { code?: string; message?: string } };
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  const inner = error.cause;
  return inner?.code ?? inner?.message ?? error.message;
}
