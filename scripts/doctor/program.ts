import { spawn } from 'node:child_process';

/** How a program ended, and what it printed. */
export interface ProgramResult {
  /** `undefined` when a signal ended it or it could not be started. */
  readonly code: number | undefined;
  readonly stdout: string;
  /** What it said on standard error, or why it could not be started. */
  readonly stderr: string;
  /** False when there is no such program, or it is not for this system. */
  readonly started: boolean;
}

/** What to give a program besides its arguments. */
export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly input?: string;
}

/** Runs a program to its end; never rejects. The signal kills it. */
export function runProgram(
  command: string,
  args: readonly string[],
  { env, signal, input }: ProgramOptions,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const stdio = [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] as const;
    const child = spawn(command, args, { env, stdio: [...stdio], signal, killSignal: 'SIGKILL' });
    let stdout = '';
    let stderr = '';
    let started = false;
    child.once('spawn', () => (started = true));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', (cause) => {
      if (!started) resolve({ code: undefined, stdout, stderr: cause.message, started });
    });
    child.once('close', (code) => resolve({ code: code ?? undefined, stdout, stderr, started }));
    // One that ends early closes its input; its status says more than EPIPE.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Log lines of Kubernetes' own library, and warnings, stand before what kubectl has to say. */
const CHATTER = /^(?:[EWI]\d{4} |Warning:)/;

/** The first line that says something, of standard error or else of standard output. */
export function firstWords({ stdout, stderr }: ProgramResult): string {
  const lines = `${stderr}\n${stdout}`.split('\n').map((line) => line.trim());
  return lines.find((line) => line !== '' && !CHATTER.test(line)) ?? 'it said nothing';
}
