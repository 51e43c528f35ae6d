/** Times of results, which have no zone: they are placed as if in UTC. */

const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/** Milliseconds since 1970 of a date or time in ISO 8601; `undefined` if it is none. */
export function parseTime(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const match = TIME.exec(value);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone] = match;
  const parts = [year, month, day, hour, minute, second].map(Number) as [number, number, number, ...number[]];
  const time = Date.UTC(parts[0], parts[1] - 1, ...parts.slice(2)) + Number(fraction) * 1000;
  const offset = zone === undefined || zone === 'Z' ? 0 : offsetOf(zone);
  return Number.isNaN(time) ? undefined : time - offset;
}

function offsetOf(zone: string): number {
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

const SECOND = 1000;
const DAY = 86_400 * SECOND;

/** Longest durations of periods, in milliseconds. */
const PERIODS: Record<string, number> = {
  second: SECOND,
  minute: 60 * SECOND,
  hour: 3600 * SECOND,
  day: DAY,
  week: 7 * DAY,
  month: 31 * DAY,
  quarter: 92 * DAY,
  year: 366 * DAY,
};

/** Distance of two periods above which there is another one between them; `undefined` for single times. */
export function gapOf(granularity: string | null | undefined): number | undefined {
  const period = PERIODS[granularity?.replace('fiscal_', '') ?? ''];
  return period === undefined ? undefined : period * 1.5;
}
