import { spawn } from 'node:child_process';

/** How to run a command. */
export interface CommandOptions {
  /** Written to its standard input. */
  readonly input?: string;
  readonly cwd?: string;
  /** What to do when it fails, for people. */
  readonly advice?: string;
}

/** A command could not be started, or ended with a status other than 0. */
export class CommandError extends Error {
  /** The last lines it wrote. */
  readonly output: string;

  constructor(message: string, output: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.output = output;
  }
}

const TAIL_LINES = 25;

/**
 * Runs a command to its end and returns its standard output.
 * @throws {CommandError} With the last lines of its output, and `advice`.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { input, cwd, advice } = options;
  const child = spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let both = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    both += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    both += text;
  });
  // A command that fails early closes its input; its status says more than EPIPE.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const shown = [command, ...args.slice(0, 3)].join(' ');
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new CommandError(sentence(`Cannot run ${command}`, advice), '', { cause }));
    });
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const tail = both.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
      reject(new CommandError(sentence(`${shown} … ended with ${code ?? signal}`, advice), tail));
    });
  });
}

/** Whether `command --version` runs. */
export async function isInstalled(command: string): Promise<boolean> {
  return runCommand(command, ['--version']).then(
    () => true,
    () => false,
  );
}

function sentence(what: string, advice: string | undefined): string {
  return advice === undefined ? what : `${what}. ${advice}`;
}
