/** Starts a clock and returns how to print a line with the seconds on it. */
export function startProgress(): (text: string) => void {
  const startMs = performance.now();
  return (text) => {
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1).padStart(6);
    for (const line of text.split('\n')) process.stdout.write(`[${seconds}s] ${line}\n`);
  };
}
