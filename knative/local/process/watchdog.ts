import { spawn } from 'node:child_process';

/**
 * Kills the processes on its list when its input ends, which the kernel sees to even when we die of
 * SIGKILL. Each process leads a group of its own, so what it started goes with it.
 */
const SCRIPT = `
pids=
while read -r verb pid; do
  case $verb in
    add) pids="$pids $pid" ;;
    drop) rest=; for p in $pids; do [ "$p" = "$pid" ] || rest="$rest $p"; done; pids=$rest ;;
  esac
done
for p in $pids; do kill -s KILL -- "-$p"; done 2>/dev/null
`;

/** Makes sure that no function process outlives the stand-in. */
export interface Watchdog {
  /** From now on the process group of `pid` dies with us. */
  add(pid: number): void;
  /** The process is gone; its pid may come to belong to somebody else. */
  drop(pid: number): void;
  /** Ends the watchdog, which kills what is still on its list. */
  close(): void;
}

/**
 * Starts the watchdog: one small shell per stand-in, in a session of its own so that Ctrl-C does not reach
 * it. Function processes need no code for this, and it works for any program.
 */
export function startWatchdog(): Watchdog {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell (or when somebody kills it) only the guarantee after SIGKILL is lost.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  const tell = (verb: string, pid: number): void => {
    shell.stdin.write(`${verb} ${pid}\n`);
  };
  return {
    add: (pid) => tell('add', pid),
    drop: (pid) => tell('drop', pid),
    close: () => shell.stdin.end(),
  };
}
