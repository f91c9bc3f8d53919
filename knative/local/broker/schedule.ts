const FIELDS = [
  { name: 'minute', min: 0, max: 59, names: [] },
  { name: 'hour', min: 0, max: 23, names: [] },
  { name: 'day of the month', min: 1, max: 31, names: [] },
  {
    name: 'month',
    min: 1,
    max: 12,
    names: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  {
    name: 'day of the week',
    min: 0,
    max: 6,
    names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  },
] as const;

const SHORTHANDS = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
]);

/** Four years and a day: what has not come by then (the 30th of February) never does. */
const HORIZON_DAYS = 1462;

/**
 * The first minute after `after` that a cron schedule of five fields names, in UTC: numbers, names, `*`, lists,
 * ranges, steps, and shorthands such as `@hourly`.
 * @throws {RangeError} When it is no such schedule, or names no minute at all.
 */
export function nextRun(schedule: string, after: Date): Date {
  const text = SHORTHANDS.get(schedule.trim()) ?? schedule.trim();
  const parts = text.split(/\s+/);
  if (parts.length !== FIELDS.length) {
    throw new RangeError(`"${schedule}" does not have five fields, nor is it a known @shorthand`);
  }
  const [minutes, hours, days, months, weekdays] = parts.map((part, index) =>
    valuesOf(part, FIELDS[index] as (typeof FIELDS)[number]),
  ) as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>];
  // cron(8): with both fields restricted, either day will do.
  const isAnyDay = parts[2]?.startsWith('*') === true;
  const isAnyWeekday = parts[4]?.startsWith('*') === true;
  const isDay = (day: Date): boolean => {
    const [inMonth, inWeek] = [days.has(day.getUTCDate()), weekdays.has(day.getUTCDay())];
    const fits = isAnyDay || isAnyWeekday ? inMonth && inWeek : inMonth || inWeek;
    return months.has(day.getUTCMonth() + 1) && fits;
  };

  const start = new Date(Math.floor(after.getTime() / 60_000) * 60_000 + 60_000);
  for (let offset = 0; offset < HORIZON_DAYS; offset += 1) {
    const day = new Date(
      Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate() + offset),
    );
    if (!isDay(day)) continue;
    const from = offset === 0 ? start.getUTCHours() * 60 + start.getUTCMinutes() : 0;
    for (let minute = from; minute < 24 * 60; minute += 1) {
      if (hours.has(Math.floor(minute / 60)) && minutes.has(minute % 60)) {
        return new Date(day.getTime() + minute * 60_000);
      }
    }
  }
  throw new RangeError(`"${schedule}" never comes`);
}

function valuesOf(part: string, field: (typeof FIELDS)[number]): Set<number> {
  const values = new Set<number>();
  for (const item of part.toLowerCase().split(',')) {
    const [, range = '', step] = /^([^/]+)(?:\/(\d+))?$/.exec(item) ?? [];
    const [from, to = step === undefined ? from : undefined] = range.split('-');
    const first = range === '*' || range === '?' ? field.min : numberOf(from, field);
    const last =
      range === '*' || range === '?' || to === undefined ? field.max : numberOf(to, field);
    const by = Number(step ?? 1);
    if (!(first <= last) || by < 1) {
      throw new RangeError(`"${part}" is no ${field.name} of a schedule`);
    }
    for (let value = first; value <= last; value += by) values.add(value);
  }
  return values;
}

function numberOf(text: string | undefined, field: (typeof FIELDS)[number]): number {
  const named = (field.names as readonly string[]).indexOf(text ?? '');
  if (text !== '' && named !== -1) return named;
  const value = /^\d{1,2}$/.test(text ?? '') ? Number(text) : NaN;
  return value >= field.min && value <= field.max ? value : NaN;
}
