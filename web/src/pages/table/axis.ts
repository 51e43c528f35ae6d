/** Axes of small plots: where values lie between the ends, computed on the server. */

import { scaleLinear, scaleUtc } from 'd3-scale';

/** A mark on an axis. */
export interface Tick {
  /** Place, 0 at the start of the axis and 1 at its end. */
  at: number;
  /** Empty if there is no room for it. */
  label: string;
}

/** A range of values on an axis. */
export interface Axis {
  kind: 'number' | 'time';
  /** Places of the least and the greatest value, 0 to 1. */
  from: number;
  to: number;
  /** Place of the mean. */
  mean?: number;
  ticks: Tick[];
}

/** Number of ticks to aim for: their labels have to fit at 16 rem. */
const TICKS = 3;

const DAY = 86_400_000;

/** An axis for numbers; `undefined` if the range is empty or too wide to compute with. */
export function numberAxis(min: number, max: number, mean?: number): Axis | undefined {
  if (!(max > min) || !Number.isFinite(max - min)) return undefined;
  const scale = scaleLinear().domain([min, max]).range([0, 1]).nice(TICKS);
  const format = scale.tickFormat(TICKS);
  const ticks = scale.ticks(TICKS).map((value) => ({ at: round(scale(value)), label: compact(value, format) }));
  const inside = mean !== undefined && mean >= min && mean <= max;
  return axisOf('number', scale(min), scale(max), ticks, inside ? scale(mean) : undefined);
}

/** An axis for times, in milliseconds since 1970; `undefined` if the range is empty. */
export function timeAxis(min: number, max: number): Axis | undefined {
  if (!(max > min)) return undefined;
  const scale = scaleUtc().domain([min, max]).range([0, 1]).nice(TICKS);
  const ticks = scale.ticks(TICKS).map((time) => ({ at: round(scale(time)), label: timeLabel(time, max - min) }));
  return axisOf('time', scale(min), scale(max), ticks);
}

function axisOf(kind: Axis['kind'], from: number, to: number, ticks: Tick[], mean?: number): Axis {
  // Labels of many ticks would overlap.
  const every = ticks.length > 4 ? 2 : 1;
  const labelled = ticks.map(({ at, label }, index) => ({ at, label: index % every === 0 ? label : '' }));
  return { kind, from: round(from), to: round(to), ticks: labelled, ...(mean !== undefined && { mean: round(mean) }) };
}

/** Longest label, in characters. */
const MAX_LABEL = 8;

/** A label; empty if it would be too long to tell numbers apart. */
function compact(value: number, format: (value: number) => string): string {
  const text = Math.abs(value) >= 1e5 ? value.toExponential().replace('e+', 'e') : format(value).replace('−', '-');
  return text.length > MAX_LABEL ? '' : text;
}

/** As much of a time in ISO 8601 as tells the ticks apart. */
function timeLabel(time: Date, span: number): string {
  const iso = time.toISOString();
  // Years beyond 9999 have a sign and six digits.
  const year = iso.slice(0, iso.indexOf('-', 1));
  if (span > 1000 * DAY) return year;
  if (span > 90 * DAY) return `${year}${iso.slice(year.length, year.length + 3)}`;
  return span > 3 * DAY ? iso.slice(-19, -14) : iso.slice(-13, -8);
}

function round(place: number): number {
  return Math.round(place * 1e4) / 1e4;
}

/** Time of a value in milliseconds since 1970; one without a zone is taken as UTC. `undefined` if it is no time. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))? ?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/.exec(value);
  if (match === null) return undefined;
  const [, date, clock = '00:00', zone = 'Z'] = match;
  const offset =
    zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d{2}):?(\d{2})?$/, (_, hours, minutes = '00') => `${hours}:${minutes}`);
  const time = Date.parse(`${date}T${clock.replace(/(\.\d{3})\d+/, '$1')}${offset}`);
  return Number.isNaN(time) ? undefined : time;
}
