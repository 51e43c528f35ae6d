/** Lines of a measure over time. */

import type { ChartColumn, LineChart, Series, TimePoint } from './chart-spec.js';
import { gapOf, parseTime } from './times.js';
import { readNumber, textOf } from './values.js';

/** The lines of a measure, one for each value of `by`. Rows without a time are left out. */
export function lineChart(
  rows: unknown[][],
  time: ChartColumn,
  measure: ChartColumn,
  by: ChartColumn | undefined,
): LineChart {
  const groups = new Map<string | null, Entry[]>();
  for (const row of rows) {
    const at = parseTime(row[time.index]);
    if (at === undefined) continue;
    const name = by === undefined ? null : textOf(row[by.index]);
    const entries = groups.get(name) ?? [];
    groups.set(name, entries);
    entries.push({ at, label: textOf(row[time.index]), value: readNumber(row[measure.index]) });
  }
  const gap = gapOf(time.granularity);
  const series = [...groups].map(([name, entries]): Series => ({ name, points: interrupt(entries, gap) }));
  const times = [...groups.values()].flat().map(({ at }) => at);
  const range: LineChart['range'] = [
    times.reduce((first, at) => Math.min(first, at), times[0] ?? 0),
    times.reduce((last, at) => Math.max(last, at), times[0] ?? 0),
  ];
  return { kind: 'line', time: time.alias, measure: measure.alias, ...unitOption(measure), range, series };
}

/** The unit of a measure as a property of its chart. */
export function unitOption({ unit }: ChartColumn): { unit?: string } {
  return unit === undefined ? {} : { unit };
}

interface Entry {
  at: number;
  label: string;
  value: TimePoint['value'] | null;
}

/** The points in the order of time, with `null` for NULL and for periods without a row. */
function interrupt(entries: Entry[], gap: number | undefined): (TimePoint | null)[] {
  const sorted = entries.toSorted((left, right) => left.at - right.at);
  return sorted.flatMap(({ at, label, value }, index) => {
    const before = sorted[index - 1];
    const isAfterGap = before !== undefined && gap !== undefined && at - before.at > gap;
    const point = value === null ? null : { time: at, label, value };
    return isAfterGap ? [null, point] : [point];
  });
}
