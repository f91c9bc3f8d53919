import * as z from 'zod';

/** A list of header or method names: RFC 9110's tokens. */
const names = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~\w-]+(?:\s*,\s*[!#$%&'*+.^_`|~\w-]+)*$/, 'must be names with commas');

/** `https://app.example.com`, as browsers write it in `Origin`. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** What browsers on other origins may do: https://fetch.spec.whatwg.org/#http-cors-protocol */
export const corsSettings = {
  CORS_ORIGINS: z
    .string()
    .refine(
      (text) => text === '*' || listOf(text).every(isOrigin),
      'must be * or origins (https://app.example.com) with commas',
    )
    .optional()
    .describe('Origins whose pages may call this function from a browser; none: no page may'),
  CORS_METHODS: names.default('GET,HEAD,POST').describe('Methods that such a page may use'),
  CORS_HEADERS: names
    .default(
      'Accept,Authorization,Content-Type,Inference-Header-Content-Length,Prefer,Traceparent,X-Request-Id,X-Request-Timeout-Ms',
    )
    .describe('Request headers that such a page may send'),
  CORS_EXPOSED_HEADERS: names
    .default('X-Request-Id,Server-Timing,Retry-After,Inference-Header-Content-Length')
    .describe('Headers of answers that such a page may read'),
  CORS_MAX_AGE_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400)
    .default(600)
    .describe('How long a browser may keep what it was told of these'),
  CORS_CREDENTIALS: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Whether such a page may send cookies and client certificates; not with `*`'),
} as const;

/** The entries of a setting with commas. */
export function listOf(text: string): string[] {
  return text.split(',').map((entry) => entry.trim());
}
