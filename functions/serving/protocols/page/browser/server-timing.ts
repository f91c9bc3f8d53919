/** Steps of `Server-Timing` with their milliseconds. https://www.w3.org/TR/server-timing/ */
export function readServerTiming(header: string | null): [step: string, ms: number][] {
  return (header ?? '').split(',').flatMap((entry): [string, number][] => {
    const [step = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const duration = parameters.find((parameter) => parameter.startsWith('dur='));
    return step === '' || duration === undefined ? [] : [[step, Number(duration.slice(4))]];
  });
}

/** Milliseconds as people read them. */
export function inMs(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)}\u00a0s`;
  return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)}\u00a0ms`;
}
