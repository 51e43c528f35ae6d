/** Times as texts. */

/** Units above a millisecond, the largest first, in milliseconds. */
const UNITS: [number, string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
];

/** A time in the largest unit of which it has at least one: `1.5 s`, `240 ms`, `< 1 ms`. */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < 1) return '< 1 ms';
  const [size, unit] = UNITS.find(([least]) => ms >= least) ?? [1, 'ms'];
  const value = ms / size;
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${unit}`;
}
