/** Labels at the ticks of an axis, short and different from each other. */

const UNITS: [number, string][] = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'K'],
];

/** Labels for ticks in ascending order, all in one unit: `0`, `0.5M`, `1M`. */
export function tickLabels(ticks: readonly number[]): string[] {
  const largest = Math.max(0, ...ticks.map(Math.abs));
  const step = ticks.length < 2 ? largest : Math.abs((ticks[1] ?? 0) - (ticks[0] ?? 0));
  if (largest >= 1e15 || (largest > 0 && largest < 1e-4)) return ticks.map((tick) => exponential(tick));
  // Four digits are short enough.
  const [size, unit] = largest < 1e4 ? [1, ''] : (UNITS.find(([least]) => largest >= least) ?? [1, '']);
  const digits = decimals(step / size);
  return ticks.map((tick) => (tick === 0 ? '0' : `${group((tick / size).toFixed(digits))}${unit}`));
}

/** Number of decimals that a multiple of the step has. */
function decimals(step: number): number {
  for (let digits = 0; digits < 10; digits++) {
    const scaled = step * 10 ** digits;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * Math.max(1, scaled)) return digits;
  }
  return 10;
}

function exponential(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(6)).toExponential());
}

function group(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** A label of a time; `context` is the day or year that it is in, where that changes. */
export interface TimeLabel {
  label: string;
  context?: string;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const DAY_MS = 86_400_000;

/** Labels for ticks of times in ascending order, as texts of UTC. */
export function timeLabels(ticks: readonly Date[]): TimeLabel[] {
  const first = ticks[0]?.getTime() ?? 0;
  const step = ticks.length < 2 ? DAY_MS : (ticks[1]?.getTime() ?? 0) - first;
  const { label, context } =
    step > 360 * DAY_MS ? YEARS : step > 27 * DAY_MS ? MONTHS_OF : step >= DAY_MS ? DAYS : TIMES;
  let before = '';
  return ticks.map((tick) => {
    const current = context(tick);
    const isNew = current !== before;
    before = current;
    return { label: label(tick), ...(isNew && current !== '' ? { context: current } : {}) };
  });
}

type Words = Record<'label' | 'context', (time: Date) => string>;

const YEARS: Words = { label: (time) => String(time.getUTCFullYear()), context: () => '' };
const MONTHS_OF: Words = { label: (time) => MONTHS[time.getUTCMonth()] ?? '', context: YEARS.label };
const DAYS: Words = { label: (time) => `${time.getUTCDate()} ${MONTHS_OF.label(time)}`, context: YEARS.label };
const TIMES: Words = {
  label: (time) => time.toISOString().slice(11, time.getUTCSeconds() === 0 ? 16 : 19),
  context: (time) => `${DAYS.label(time)} ${YEARS.label(time)}`,
};
