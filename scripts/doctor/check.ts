import type { Group } from './finding.ts';
import type { FindingCode } from './findings.ts';

/** One thing that a check has to say. */
export type Line =
  | { readonly status: 'ok'; readonly text: string }
  | { readonly status: 'skipped'; readonly text: string }
  | { readonly status: 'found'; readonly code: FindingCode; readonly text: string };

/** What a check may look at. */
export interface CheckContext {
  /** The clone. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborts at the check's time limit. */
  readonly signal: AbortSignal;
}

/** One thing to look at. What it imports is loaded only when it runs: packages may be missing. */
export interface Check {
  readonly group: Group;
  readonly name: string;
  /** @default 10000 */
  readonly limitMs?: number;
  readonly run: (context: CheckContext) => Promise<readonly Line[]>;
}

/** Something is as it should be. */
export function ok(text: string): Line {
  return { status: 'ok', text };
}

/** Something was not looked at; `because` continues the sentence "skipped, because …". */
export function skipped(because: string): Line {
  return { status: 'skipped', text: because };
}

/** Something is wrong; `text` says where and with what, never a secret. */
export function found(code: FindingCode, text: string): Line {
  return { status: 'found', code, text };
}
