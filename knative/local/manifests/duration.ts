/**
 * Milliseconds of an ISO 8601 duration in days, hours, minutes and seconds, such as `PT0.2S` or `P1DT1M30S`;
 * `undefined` when it is none.
 */
export function durationMs(text: string): number | undefined {
  const parts = /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(
    text,
  );
  if (parts === null) return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = parts;
  const minutesInAll = (Number(days) * 24 + Number(hours)) * 60 + Number(minutes);
  return Math.round((minutesInAll * 60 + Number(seconds)) * 1000);
}
